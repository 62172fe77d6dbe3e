"""Strawberry the usual way: resolvers over Tortoise's rows, a data loader for each relation."""
