"""The subset of the Admin API's schema that the simulator serves."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from graphql import GraphQLSchema, build_schema


@cache
def schema() -> GraphQLSchema:
    """The schema of `schema.graphql`, built once."""
    return build_schema((Path(__file__).parent / "schema.graphql").read_text(encoding="utf-8"))
