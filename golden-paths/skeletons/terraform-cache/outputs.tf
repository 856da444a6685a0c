output "endpoint" {
  description = "Where clients connect, with TLS"
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}
