locals {
  name = "${{ values.name }}-${{ values.environment }}"
  tags = {
    environment = "${{ values.environment }}"
    managed-by  = "terraform"
    owner       = "${{ values.owner }}"
  }
}

resource "aws_db_subnet_group" "this" {
  name       = local.name
  subnet_ids = var.subnet_ids
  tags       = local.tags
}

resource "aws_security_group" "this" {
  name        = "${local.name}-postgresql"
  description = "PostgreSQL of ${local.name}"
  vpc_id      = var.vpc_id
  tags        = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each                     = var.client_security_group_ids
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_db_parameter_group" "this" {
  name   = "${local.name}-postgres${{ values.engineVersion }}"
  family = "postgres${{ values.engineVersion }}"
  tags   = local.tags

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }
}

resource "aws_db_instance" "this" {
  identifier     = local.name
  engine         = "postgres"
  engine_version = "${{ values.engineVersion }}"
  instance_class = "${{ values.instanceClass }}"
  db_name        = "${{ values.name | replace(r/-/g, '_') }}"
  username       = "app"
  # RDS makes the password, keeps it in Secrets Manager and changes it by itself.
  manage_master_user_password = true

  allocated_storage     = ${{ values.storageGb }}
  max_allocated_storage = ${{ values.storageGb * 2 }}
  storage_type          = "gp3"
  storage_encrypted     = true

  multi_az               = ${{ values.multiAz }}
  db_subnet_group_name   = aws_db_subnet_group.this.name
  parameter_group_name   = aws_db_parameter_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  publicly_accessible    = false

  backup_retention_period         = ${{ 30 if values.environment == 'production' else 7 }}
  copy_tags_to_snapshot           = true
  deletion_protection             = ${{ values.environment == 'production' }}
  skip_final_snapshot             = ${{ values.environment != 'production' }}
  final_snapshot_identifier       = "${local.name}-final"
  auto_minor_version_upgrade      = true
  performance_insights_enabled    = true
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  tags                            = local.tags
}
