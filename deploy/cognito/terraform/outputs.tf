# Read by gatehouse init --from-stack, and named as in ../template.yml for that. Secrets are no outputs, though the state holds them.

output "UserPoolId" {
  value       = aws_cognito_user_pool.this.id
  description = "COGNITO_USER_POOL_ID"
}

output "Domain" {
  value       = aws_cognito_user_pool_domain.this.domain
  description = "COGNITO_DOMAIN"
}

output "RegistryUrl" {
  value       = var.registry_url
  description = "REGISTRY_URL"
}

output "WebClientId" {
  value       = aws_cognito_user_pool_client.web.id
  description = "COGNITO_CLIENT_ID of the gateway"
}

output "CliClientId" {
  value       = aws_cognito_user_pool_client.cli.id
  description = "COGNITO_CLIENT_ID of gatehouse login --direct"
}

output "AgentClientId" {
  value       = aws_cognito_user_pool_client.agent.id
  description = "COGNITO_CLIENT_ID of the agent"
}
