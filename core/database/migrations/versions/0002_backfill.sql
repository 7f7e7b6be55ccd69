CREATE TABLE backfill_slices (
    tenant_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    slice_no INTEGER NOT NULL,
    entity TEXT NOT NULL,
    since timestamptz,
    until timestamptz,
    planned_at timestamptz NOT NULL,
    state TEXT DEFAULT 'pending' NOT NULL,
    operation_id TEXT,
    started_at timestamptz,
    attempts INTEGER DEFAULT 0 NOT NULL,
    loads INTEGER DEFAULT 0 NOT NULL,
    records_done BIGINT DEFAULT 0 NOT NULL,
    finished_at timestamptz,
    CONSTRAINT pk_backfill_slices PRIMARY KEY (tenant_id, store_id, slice_no),
    CONSTRAINT fk_backfill_slices_stores FOREIGN KEY(tenant_id, store_id) REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE,
    CONSTRAINT ck_backfill_slices_entity CHECK (entity IN ('orders', 'products', 'customers', 'checkouts')),
    CONSTRAINT ck_backfill_slices_state CHECK (state IN ('pending', 'started', 'done'))
);

CREATE TABLE orders_to_read (
    tenant_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    slice_no INTEGER NOT NULL,
    CONSTRAINT pk_orders_to_read PRIMARY KEY (tenant_id, store_id, order_id),
    CONSTRAINT fk_orders_to_read_stores FOREIGN KEY(tenant_id, store_id) REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
);
CREATE INDEX ix_orders_to_read_tenant_id_store_id_slice_no ON orders_to_read (tenant_id, store_id, slice_no);

CREATE TABLE checkouts (
    tenant_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    checkout_id BIGINT NOT NULL,
    created_at timestamptz NOT NULL,
    business_date DATE NOT NULL,
    updated_at timestamptz NOT NULL,
    completed_at timestamptz,
    customer_id BIGINT,
    country TEXT,
    discount_codes TEXT[] NOT NULL,
    taxes_included BOOLEAN NOT NULL,
    currency TEXT NOT NULL,
    subtotal NUMERIC NOT NULL,
    discounts NUMERIC NOT NULL,
    tax NUMERIC,
    total NUMERIC NOT NULL,
    source TEXT NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT pk_checkouts PRIMARY KEY (tenant_id, store_id, checkout_id),
    CONSTRAINT fk_checkouts_stores FOREIGN KEY(tenant_id, store_id) REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
);
CREATE INDEX ix_checkouts_tenant_id_store_id_business_date ON checkouts (tenant_id, store_id, business_date);

CREATE TABLE checkout_lines (
    tenant_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    checkout_id BIGINT NOT NULL,
    checkout_line_id BIGINT NOT NULL,
    product_id BIGINT,
    variant_id BIGINT,
    title TEXT,
    variant_title TEXT,
    sku TEXT,
    quantity BIGINT NOT NULL,
    unit_price NUMERIC NOT NULL,
    total NUMERIC NOT NULL,
    currency TEXT NOT NULL,
    CONSTRAINT pk_checkout_lines PRIMARY KEY (tenant_id, store_id, checkout_id, checkout_line_id),
    CONSTRAINT fk_checkout_lines_checkouts FOREIGN KEY(tenant_id, store_id, checkout_id) REFERENCES checkouts (tenant_id, store_id, checkout_id) ON DELETE CASCADE
);

ALTER TABLE sync_runs DROP CONSTRAINT ck_sync_runs_state;
ALTER TABLE sync_runs ADD CONSTRAINT ck_sync_runs_state CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'canceled'));
ALTER TABLE deletions DROP CONSTRAINT ck_deletions_kind;
ALTER TABLE deletions ADD CONSTRAINT ck_deletions_kind CHECK (kind IN ('order', 'customer', 'product', 'checkout'));

-- While a first load fills empty tables, the planner believes them empty and checks each foreign key by whatever index
-- comes first. The role that serves requests owns no table and may not ANALYZE; this does it for small installations,
-- in large ones the statistics are good enough.
CREATE FUNCTION refresh_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['orders', 'products', 'refunds', 'checkouts', 'line_items', 'shipping_lines', 'sales'] LOOP
        IF (SELECT reltuples < 10000 FROM pg_class WHERE oid = to_regclass('public.' || name)) THEN
            EXECUTE format('ANALYZE public.%I', name);
        END IF;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION refresh_statistics() FROM PUBLIC;
