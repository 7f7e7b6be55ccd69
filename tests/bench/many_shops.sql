-- One shop of tests.bench.many_shops. Its numbers are settings of the transaction: bench.tenant_id, .store_id, .orders,
-- .customers, .products and .now. `u(n, salt)` is a number from 0 to 1 that looks random, but is always the same.
CREATE OR REPLACE FUNCTION pg_temp.u(n bigint, salt bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (hashint8extended(n, salt) & 2147483647) / 2147483648.0::double precision $$;

-- As in a first load, rows are not dated; see `changes` at the end.
SET LOCAL xeno.ledger = 'loading';

CREATE TEMP TABLE shop ON COMMIT DROP AS
SELECT tenant_id, store_id, currency, time_zone, current_setting('bench.orders')::bigint AS orders,
       current_setting('bench.customers')::bigint AS customers, current_setting('bench.products')::bigint AS products,
       current_setting('bench.now')::timestamptz AS now, store_id * 1000000000 AS base
FROM stores
WHERE tenant_id = current_setting('bench.tenant_id')::bigint AND store_id = current_setting('bench.store_id')::bigint;

-- What is sold: a title names its kind and number.
INSERT INTO products (tenant_id, store_id, product_id, title, handle, vendor, product_type, status, tags, created_at,
                      updated_at, source)
SELECT tenant_id, store_id, base + p, (ARRAY['Linen shirt', 'Wool scarf', 'Ceramic mug', 'Oak lamp', 'Soap', 'Candle',
           'Notebook', 'Tea', 'Backpack', 'Poster'])[1 + p % 10] || ' ' || p, 'product-' || p, 'Vendor ' || p % 23,
       (ARRAY['Clothing', 'Home', 'Kitchen', 'Paper', 'Bath'])[1 + p % 5], 'active', '{}', now - interval '3 years',
       now, 'api'
FROM shop, generate_series(1, products) p;

INSERT INTO variants (tenant_id, store_id, variant_id, product_id, title, sku, price, unit_cost, currency, position,
                      inventory_item_id, inventory_quantity)
SELECT tenant_id, store_id, base + p * 10 + v, base + p, (ARRAY['Small', 'Medium', 'Large'])[v],
       'SKU-' || lpad(p::text, 5, '0') || '-' || v, round((5 + 95 * pg_temp.u(p, 1) ^ 2)::numeric, 2),
       CASE WHEN p % 7 <> 0 THEN round((2 + 40 * pg_temp.u(p, 1) ^ 2)::numeric, 2) END, currency, v,
       base + p * 10 + v, (pg_temp.u(p * 10 + v, 2) * 400)::int - 10
FROM shop, generate_series(1, products) p, generate_series(1, 3) v;

ANALYZE products, variants;

INSERT INTO customers (tenant_id, store_id, customer_id, first_name, last_name, email, state, tags, locale, country,
                       city, orders_count, created_at, updated_at, source)
SELECT tenant_id, store_id, base + c, (ARRAY['Anna', 'Ben', 'Clara', 'David', 'Émile', 'Freya', 'Goran', 'Hana', 'Ida',
           'Jonas', 'Kim', 'Lea', 'Mia', 'Noah', 'Olga', 'Paul'])[1 + (pg_temp.u(c, 3) * 16)::int % 16],
       initcap(translate(to_hex(c * 7919 % 1048576), '0123456789', 'ghijklmnop')), 'customer' || c || '@example.com',
       'enabled', '{}', 'en', (ARRAY['DE', 'DE', 'DE', 'AT', 'CH', 'FR', 'NL', 'US'])[1 + c % 8], 'City ' || c % 200,
       1, now - interval '2 years', now, 'api'
FROM shop, generate_series(1, customers) c;

-- How many orders each day has: growth, weekdays, the year, the days around Black Friday, and the day that runs.
CREATE TEMP TABLE days ON COMMIT DROP AS
WITH weighed AS (
    SELECT day::date AS day, (1 + n / 800.0) * (ARRAY[1.15, 0.95, 0.9, 0.95, 1.0, 1.1, 1.25])[1 + extract(dow FROM day)::int]
           * (1 + 0.25 * cos(2 * pi() * (extract(doy FROM day) - 345) / 365.25))
           * CASE WHEN extract(month FROM day) = 11 AND extract(day FROM day) BETWEEN 23 AND 30 THEN 2.8 ELSE 1 END
           * CASE WHEN day::date = (now AT TIME ZONE time_zone)::date
                  THEN extract(epoch FROM (now AT TIME ZONE time_zone)::time) / 86400 ELSE 1 END
           * (0.85 + 0.3 * pg_temp.u(n, 4)) AS weight
    FROM shop, generate_series((now AT TIME ZONE time_zone)::date - 1095, (now AT TIME ZONE time_zone)::date,
                               interval '1 day') WITH ORDINALITY AS given (day, n)
), summed AS (
    SELECT day, sum(weight) OVER (ORDER BY day) / sum(weight) OVER () AS share FROM weighed
)
SELECT day, coalesce(lag(ceil(share * orders)::bigint) OVER (ORDER BY day), 0) AS before,
       ceil(share * orders)::bigint AS until, day = max(day) OVER () AS is_today
FROM summed, shop;

-- A quarter of the orders are of new customers; of the others, most are of recent ones and some of the most loyal.
CREATE TEMP TABLE placed ON COMMIT DROP AS
SELECT n, s.base + n AS order_id, d.day, (d.day + time_of_day) AT TIME ZONE s.time_zone AS processed_at,
       CASE WHEN pg_temp.u(n, 5) < 0.03 THEN NULL ELSE s.base + greatest(1, CASE
           WHEN n * s.customers / s.orders > (n - 1) * s.customers / s.orders THEN known
           WHEN pg_temp.u(n, 6) < 0.7 THEN ceil(known * (1 - pg_temp.u(n, 7) ^ 2))
           ELSE ceil(known * pg_temp.u(n, 7) ^ 3) END::bigint) END AS customer_id,
       1 + (pg_temp.u(n, 8) < 0.45)::int + (pg_temp.u(n, 9) < 0.22)::int + (pg_temp.u(n, 10) < 0.1)::int
         + (pg_temp.u(n, 11) < 0.04)::int AS lines,
       CASE WHEN pg_temp.u(n, 12) < CASE WHEN extract(month FROM d.day) = 11 THEN 0.45 ELSE 0.18 END
            THEN (ARRAY[0.1, 0.15, 0.2])[1 + (pg_temp.u(n, 13) * 3)::int % 3] ELSE 0 END::numeric AS rate,
       pg_temp.u(n, 14) < 0.06 AS is_returned, pg_temp.u(n, 15) < 0.012 AS is_cancelled
FROM shop s, days d, generate_series(d.before + 1, d.until) n,
     LATERAL (SELECT greatest(1, n * s.customers / s.orders) AS known) k,
     LATERAL (SELECT (n - d.before - 0.5) / (d.until - d.before) AS part) p,
     LATERAL (SELECT make_interval(secs => CASE
         WHEN d.is_today THEN part * extract(epoch FROM (s.now AT TIME ZONE s.time_zone)::time)
         WHEN part < 0.05 THEN part / 0.05 * 25200
         WHEN part < 0.95 THEN 25200 + (part - 0.05) / 0.9 * 57600
         ELSE 82800 + (part - 0.95) / 0.05 * 3600 END::double precision) AS time_of_day) t;

ANALYZE shop, days, placed;

-- Materialized, because the planner would otherwise try each order with each variant.
CREATE TEMP TABLE baskets ON COMMIT DROP AS
WITH picked AS MATERIALIZED (
    SELECT p.n, p.order_id, p.day, p.processed_at, p.rate, l, p.order_id * 10 + l AS line_item_id,
           1 + (pg_temp.u(p.n * 8 + l, 20) < 0.15)::int AS quantity,
           s.base + 10 * (1 + floor(s.products * pg_temp.u(p.n * 8 + l, 21) ^ 2.5)::bigint)
               + 1 + (pg_temp.u(p.n * 8 + l, 22) * 3)::int % 3 AS variant_id
    FROM shop s, placed p, generate_series(1, p.lines) l
)
SELECT b.n, b.order_id, b.day, b.processed_at, b.l, b.line_item_id, v.product_id, v.variant_id,
       v.title AS variant_title, v.sku, b.quantity, v.price, round(v.price * b.quantity * b.rate, 2) AS discount,
       v.price * b.quantity - round(v.price * b.quantity * b.rate, 2) AS net,
       round((v.price * b.quantity - round(v.price * b.quantity * b.rate, 2)) * 0.19, 2) AS tax
FROM picked b JOIN variants v USING (variant_id)
WHERE v.tenant_id = (SELECT tenant_id FROM shop) AND v.store_id = (SELECT store_id FROM shop);

CREATE TEMP TABLE sums ON COMMIT DROP AS
SELECT order_id, sum(price * quantity) AS gross, sum(discount) AS discount, sum(net) AS net, sum(tax) AS tax
FROM baskets GROUP BY order_id;
CREATE INDEX ON sums (order_id);
ANALYZE sums, baskets;

INSERT INTO orders (tenant_id, store_id, order_id, name, number, test, created_at, processed_at, business_date,
                    updated_at, cancelled_at, cancel_reason, financial_status, fulfillment_status, source_name,
                    customer_id, customer_key, email, country, city, discount_codes, taxes_included, currency,
                    subtotal, discounts, tax, shipping, total, current_total, presentment_currency,
                    presentment_total, read_at, mapping_version, ledger_version, source)
SELECT s.tenant_id, s.store_id, p.order_id, '#' || 1000 + p.n, 1000 + p.n, false, p.processed_at, p.processed_at, p.day,
       p.processed_at + interval '1 hour', CASE WHEN p.is_cancelled THEN p.processed_at + interval '1 hour' END,
       CASE WHEN p.is_cancelled THEN 'customer' END,
       CASE WHEN p.is_returned THEN 'partially_refunded' WHEN p.n % 50 = 0 THEN 'pending' ELSE 'paid' END,
       CASE WHEN p.processed_at < s.now - interval '3 days' THEN 'fulfilled' END,
       (ARRAY['web', 'web', 'web', 'web', 'pos', 'shop'])[1 + p.n % 6], p.customer_id,
       coalesce('c:' || p.customer_id, 'e:guest' || p.n || '@example.com'),
       coalesce('customer' || p.customer_id - s.base, 'guest' || p.n) || '@example.com',
       (ARRAY['DE', 'DE', 'DE', 'AT', 'CH', 'FR', 'NL', 'US'])[1 + coalesce(p.customer_id, p.n) % 8],
       'City ' || p.n % 200, CASE WHEN p.rate > 0 THEN ARRAY['SAVE' || (p.rate * 100)::int] ELSE '{}' END, false,
       s.currency, sums.net, sums.discount, sums.tax, 4.90, sums.net + sums.tax + 4.90, sums.net + sums.tax + 4.90,
       s.currency, sums.net + sums.tax + 4.90, s.now, 99, 99, 'api'
FROM shop s, placed p JOIN sums USING (order_id) ORDER BY p.n;

INSERT INTO order_discounts (tenant_id, store_id, order_id, discount_no, placed_at, business_date, kind, label,
                             off_goods, off_shipping, currency)
SELECT s.tenant_id, s.store_id, p.order_id, 0, p.processed_at, p.day, 'code', 'SAVE' || (p.rate * 100)::int,
       sums.discount, 0, s.currency
FROM shop s, placed p JOIN sums USING (order_id) WHERE p.rate > 0 ORDER BY p.n;

INSERT INTO line_items (tenant_id, store_id, order_id, line_item_id, position, product_id, variant_id, title,
                        variant_title, sku, vendor, quantity, current_quantity, unit_price, discount, taxes,
                        is_gift_card, currency)
SELECT s.tenant_id, s.store_id, b.order_id, b.line_item_id, b.l, b.product_id, b.variant_id, p.title, b.variant_title,
       b.sku, p.vendor, b.quantity, b.quantity, b.price, b.discount,
       jsonb_build_array(jsonb_build_object('title', 'VAT', 'rate', '0.19', 'amount', b.tax::text)), false, s.currency
FROM shop s, baskets b JOIN products p ON p.product_id = b.product_id
WHERE p.tenant_id = (SELECT tenant_id FROM shop) AND p.store_id = (SELECT store_id FROM shop) ORDER BY b.order_id, b.line_item_id;

INSERT INTO shipping_lines (tenant_id, store_id, order_id, shipping_line_id, title, price, discount, taxes, is_removed,
                            currency)
SELECT s.tenant_id, s.store_id, p.order_id, p.order_id, 'Standard', 4.90, 0, '[]', false, s.currency
FROM shop s, placed p ORDER BY p.order_id;

-- The first line of a returned order comes back three to forty days later, where that is past.
CREATE TEMP TABLE returned ON COMMIT DROP AS
SELECT b.*, at AS returned_at, (at AT TIME ZONE s.time_zone)::date AS returned_on
FROM shop s, placed p JOIN baskets b ON b.order_id = p.order_id AND b.l = 1,
     LATERAL (SELECT p.processed_at + (3 + 37 * pg_temp.u(p.n, 16)) * interval '1 day' AS at) t
WHERE p.is_returned AND at < s.now;

INSERT INTO refunds (tenant_id, store_id, refund_id, order_id, processed_at, business_date, created_at, note, refunded,
                     adjustments, currency)
SELECT s.tenant_id, s.store_id, r.order_id, r.order_id, r.returned_at, r.returned_on, r.returned_at,
       (ARRAY[NULL, 'Too small', 'Damaged', 'Changed mind', 'Wrong item'])[1 + r.n % 5], r.net + r.tax, '[]', s.currency
FROM shop s, returned r ORDER BY r.order_id;

INSERT INTO refund_lines (tenant_id, store_id, refund_id, refund_line_id, line_item_id, quantity, subtotal, tax,
                          restock_type, currency)
SELECT s.tenant_id, s.store_id, r.order_id, r.order_id, r.line_item_id, r.quantity, r.net, r.tax, 'return', s.currency
FROM shop s, returned r ORDER BY r.order_id;

INSERT INTO sales (tenant_id, store_id, order_id, sale_no, happened_at, business_date, reason, action, line_type,
                   line_item_id, product_id, variant_id, quantity, net, discount, tax, currency)
SELECT s.tenant_id, s.store_id, row.order_id, row.no, row.at, row.day, row.reason, row.action, row.kind,
       row.line_item_id, row.product_id, row.variant_id, row.quantity, row.net, row.discount, row.tax, s.currency
FROM shop s, (
    SELECT order_id, l AS no, processed_at AS at, day, 'order' AS reason, 'order' AS action, 'product' AS kind,
           line_item_id, product_id, variant_id, quantity, net, discount, tax FROM baskets
    UNION ALL
    SELECT order_id, 10, processed_at, day, 'order', 'order', 'shipping', NULL, NULL, NULL, 1, 4.90, 0, 0 FROM placed
    UNION ALL
    SELECT order_id, 11, returned_at, returned_on, 'refund', 'return', 'product', line_item_id, product_id, variant_id,
           -quantity, -net, -discount, -tax FROM returned
) row ORDER BY row.order_id, row.no;

-- The latest month of webhooks: three an order, of which a few failed.
INSERT INTO deliveries (tenant_id, store_id, webhook_id, topic, api_version, triggered_at, received_at, body, record_id,
                        state, reason, attempts, applied_at, retry_at)
SELECT s.tenant_id, s.store_id, 'w-' || p.order_id || '-' || k,
       (ARRAY['orders/create', 'orders/updated', 'orders/paid'])[k], '2026-10', p.processed_at,
       p.processed_at + k * interval '2 seconds', convert_to(repeat(md5(p.order_id::text || k), 60), 'UTF8'),
       p.order_id, CASE WHEN p.n % 400 = 0 THEN 'failed' ELSE 'applied' END,
       CASE WHEN p.n % 400 = 0 THEN 'Shopify did not answer; it is retried.' END, 1,
       CASE WHEN p.n % 400 <> 0 THEN p.processed_at + interval '9 seconds' END,
       CASE WHEN p.n % 400 = 0 THEN s.now + interval '1 hour' END
FROM shop s, placed p, generate_series(1, 3) k WHERE p.processed_at > s.now - interval '30 days'
ORDER BY p.n, k;

-- A checkout for every third order's number; four of ten became an order.
INSERT INTO checkouts (tenant_id, store_id, checkout_id, created_at, business_date, updated_at, completed_at,
                       customer_id, country, discount_codes, taxes_included, currency, subtotal, discounts, tax, total,
                       source)
SELECT s.tenant_id, s.store_id, p.order_id, p.processed_at, p.day, p.processed_at,
       CASE WHEN pg_temp.u(p.n, 17) < 0.4 THEN p.processed_at + interval '4 minutes' END, p.customer_id, 'DE', '{}',
       false, s.currency, b.net, b.discount, b.tax, b.net + b.tax, 'api'
FROM shop s, placed p JOIN baskets b ON b.order_id = p.order_id AND b.l = 1 WHERE p.n % 3 = 0 ORDER BY p.n;

INSERT INTO checkout_lines (tenant_id, store_id, checkout_id, checkout_line_id, product_id, variant_id, title,
                            variant_title, sku, quantity, unit_price, total, currency)
SELECT s.tenant_id, s.store_id, b.order_id, b.order_id, b.product_id, b.variant_id, 'Product', b.variant_title, b.sku,
       b.quantity, b.price, b.net, s.currency
FROM shop s, baskets b WHERE b.l = 1 AND b.n % 3 = 0 ORDER BY b.n;

INSERT INTO day_checks (tenant_id, store_id, day, state, ours, theirs, our_total, their_total, currency, checked_at)
SELECT s.tenant_id, s.store_id, d.day, 'equal', d.until - d.before, d.until - d.before, 0, 0, s.currency, s.now
FROM shop s, days d;

INSERT INTO arrivals (tenant_id, store_id, day, source, changes)
SELECT s.tenant_id, s.store_id, d.day, source, (d.until - d.before) * 3
FROM shop s, days d, unnest(ARRAY['webhook', 'api']) source;

-- Changes of the ledger: one order in a thousand became known a day late, and another one has a former row.
UPDATE stores SET changes_kept_since = s.now - interval '2 years'
FROM shop s WHERE stores.tenant_id = s.tenant_id AND stores.store_id = s.store_id;
UPDATE sales SET known_at = happened_at + interval '1 day'
FROM shop s WHERE sales.tenant_id = s.tenant_id AND sales.store_id = s.store_id AND order_id % 1000 = 1;
INSERT INTO former_sales (tenant_id, store_id, order_id, sale_no, until, happened_at, business_date, reason, action,
                          line_type, line_item_id, product_id, variant_id, quantity, net, discount, tax, currency)
SELECT r.tenant_id, r.store_id, r.order_id, r.sale_no, r.happened_at + interval '1 day', r.happened_at,
       r.business_date, r.reason, r.action, r.line_type, r.line_item_id, r.product_id, r.variant_id, r.quantity,
       r.net + 1, r.discount, r.tax, r.currency
FROM sales r JOIN shop s ON r.tenant_id = s.tenant_id AND r.store_id = s.store_id WHERE r.order_id % 1000 = 2;
