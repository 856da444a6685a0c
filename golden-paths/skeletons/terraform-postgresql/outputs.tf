output "endpoint" {
  description = "host:port"
  value       = aws_db_instance.this.endpoint
}

output "secret_arn" {
  description = "User and password, in Secrets Manager"
  value       = one(aws_db_instance.this.master_user_secret).secret_arn
}
