"""What `make bench` measures with: the cluster, the tools that are compared, and the table of what came out."""
