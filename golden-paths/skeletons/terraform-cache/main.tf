locals {
  name = "${{ values.name }}-${{ values.environment }}"
  tags = {
    environment = "${{ values.environment }}"
    managed-by  = "terraform"
    owner       = "${{ values.owner }}"
  }
}

resource "aws_elasticache_subnet_group" "this" {
  name       = local.name
  subnet_ids = var.subnet_ids
  tags       = local.tags
}

resource "aws_security_group" "this" {
  name        = "${local.name}-cache"
  description = "Cache of ${local.name}"
  vpc_id      = var.vpc_id
  tags        = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each                     = var.client_security_group_ids
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = local.name
  description                = "Cache of ${local.name}"
  engine                     = "valkey"
  engine_version             = "8.0"
  node_type                  = "${{ values.nodeType }}"
  num_cache_clusters         = ${{ values.replicas + 1 }}
  automatic_failover_enabled = ${{ values.replicas > 0 }}
  multi_az_enabled           = ${{ values.replicas > 0 }}
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.this.id]
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  snapshot_retention_limit   = ${{ 7 if values.environment == 'production' else 0 }}
  auto_minor_version_upgrade = true
  tags                       = local.tags
}
