variable "vpc_id" {
  description = "Where it stands"
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets, in at least two zones"
  type        = list(string)
}

variable "client_security_group_ids" {
  description = "Who may connect"
  type        = set(string)
}
