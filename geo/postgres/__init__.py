"""The private PostGIS cluster of a single machine: found, set up, started and stopped without the user's help."""

from geo.postgres.cluster import ClusterStatus, PrivateCluster

__all__ = ["ClusterStatus", "PrivateCluster"]
