{% if values.engine == 'sqs' %}
output "url" {
  description = "Where messages are sent and received"
  value       = aws_sqs_queue.this.url
}

output "dead_letters_url" {
  description = "What failed five times"
  value       = aws_sqs_queue.dead_letters.url
}
{% else %}
output "endpoints" {
  description = "Where clients connect, with TLS"
  value       = flatten(aws_mq_broker.this.instances[*].endpoints)
}

output "secret_arn" {
  description = "The password, in Secrets Manager"
  value       = aws_secretsmanager_secret.this.arn
}
{% endif %}
