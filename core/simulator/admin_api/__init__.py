"""The Admin API of a made-up shop: GraphQL, bulk operations and OAuth."""
