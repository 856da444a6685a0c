locals {
  name = "${{ values.name }}-${{ values.environment }}"
  tags = {
    environment = "${{ values.environment }}"
    managed-by  = "terraform"
    owner       = "${{ values.owner }}"
  }
}
{% if values.engine == 'sqs' %}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${local.name}-dead-letters${{ '.fifo' if values.fifo else '' }}"
  fifo_queue                = ${{ values.fifo }}
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  tags                      = local.tags
}

resource "aws_sqs_queue" "this" {
  name                       = ${{ '"${local.name}.fifo"' if values.fifo else 'local.name' }}
  fifo_queue                 = ${{ values.fifo }}
  receive_wait_time_seconds  = 20
  visibility_timeout_seconds = 60
  sqs_managed_sse_enabled    = true
  tags                       = local.tags

  # What fails five times is put aside, to be looked at.
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}
{% else %}

resource "aws_security_group" "this" {
  name        = "${local.name}-rabbitmq"
  description = "RabbitMQ of ${local.name}"
  vpc_id      = var.vpc_id
  tags        = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each                     = var.client_security_group_ids
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 5671
  to_port                      = 5671
}

ephemeral "random_password" "this" {
  length  = 32
  special = false
}

resource "aws_secretsmanager_secret" "this" {
  name = "${local.name}/rabbitmq"
  tags = local.tags
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo         = ephemeral.random_password.this.result
  secret_string_wo_version = 1
}

data "aws_secretsmanager_secret_version" "this" {
  secret_id = aws_secretsmanager_secret_version.this.secret_id
}

resource "aws_mq_broker" "this" {
  broker_name                = local.name
  engine_type                = "RabbitMQ"
  engine_version             = "4.2"
  host_instance_type         = "${{ 'mq.m7g.large' if values.environment == 'production' else 'mq.m7g.medium' }}"
  deployment_mode            = "${{ 'CLUSTER_MULTI_AZ' if values.environment == 'production' else 'SINGLE_INSTANCE' }}"
  subnet_ids                 = ${{ 'var.subnet_ids' if values.environment == 'production' else 'slice(var.subnet_ids, 0, 1)' }}
  security_groups            = [aws_security_group.this.id]
  publicly_accessible        = false
  auto_minor_version_upgrade = true
  tags                       = local.tags

  user {
    username = "app"
    password = data.aws_secretsmanager_secret_version.this.secret_string
  }

  logs {
    general = true
  }
}
{% endif %}
