terraform {
  required_version = "~> 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
{% if values.engine == 'rabbitmq' %}
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
{% endif %}
  }
}
