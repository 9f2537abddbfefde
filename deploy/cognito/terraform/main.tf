# The Cognito side of Gatehouse: a user pool, its domain, three app clients, scopes, groups, and a first admin.
# The same as ../template.yml. ../README.md says how to apply it; by hand, with reasons: docs/cognito.md.

resource "aws_cognito_user_pool" "this" {
  name                = var.pool_name
  user_pool_tier      = var.tier
  deletion_protection = "ACTIVE"

  # With the user name; neither can be changed later.
  alias_attributes = ["email", "phone_number"]

  username_configuration {
    case_sensitive = false
  }

  schema {
    name                = "email"
    attribute_data_type = "String"
    required            = true
    mutable             = true

    # Left out, every plan would make the pool anew.
    string_attribute_constraints {
      min_length = "0"
      max_length = "2048"
    }
  }

  auto_verified_attributes = ["email"]

  # Nobody signs in by a new address before it is verified.
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  admin_create_user_config {
    allow_admin_create_user_only = true
  }

  password_policy {
    minimum_length                   = 12
    require_lowercase                = true
    require_uppercase                = true
    require_numbers                  = true
    require_symbols                  = false
    temporary_password_validity_days = 7
  }

  mfa_configuration = var.mfa

  dynamic "software_token_mfa_configuration" {
    for_each = var.mfa == "OFF" ? [] : [true]

    content {
      enabled = true
    }
  }

  # Users and their passwords are in it.
  lifecycle {
    prevent_destroy = true
  }
}

# ---- Scopes: docs/policy.md ----------------------------------------------------------------------------------------------------

resource "aws_cognito_resource_server" "unrestricted" {
  user_pool_id = aws_cognito_user_pool.this.id
  identifier   = "mcp-servers-unrestricted"
  name         = "mcp-servers-unrestricted"

  scope {
    scope_name        = "read"
    scope_description = "discover"
  }

  scope {
    scope_name        = "execute"
    scope_description = "call"
  }
}

resource "aws_cognito_resource_server" "restricted" {
  user_pool_id = aws_cognito_user_pool.this.id
  identifier   = "mcp-servers-restricted"
  name         = "mcp-servers-restricted"

  scope {
    scope_name        = "read"
    scope_description = "discover"
  }

  scope {
    scope_name        = "execute"
    scope_description = "call"
  }
}

# ---- App clients ---------------------------------------------------------------------------------------------------------------

# By which people log in at the gateway; it stands for MCP clients too.
resource "aws_cognito_user_pool_client" "web" {
  user_pool_id    = aws_cognito_user_pool.this.id
  name            = "MCP Gateway"
  generate_secret = true

  # Without it, all of OAuth stays off.
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes = [
    "openid",
    "email",
    "profile",
    "aws.cognito.signin.user.admin",
    "mcp-servers-unrestricted/read",
    "mcp-servers-unrestricted/execute",
    "mcp-servers-restricted/read",
    "mcp-servers-restricted/execute",
  ]
  supported_identity_providers = ["COGNITO"]

  # A set: what is named twice counts once.
  callback_urls = [
    "${var.registry_url}/oauth2/callback/cognito",
    "${var.registry_url}/oauth2/callback/mcp",
    "http://localhost:8080/callback",
    "http://localhost:8080/oauth2/callback/cognito",
  ]
  logout_urls = [
    "${var.registry_url}/oauth2/signed-out",
    "http://localhost:8080/oauth2/signed-out",
  ]

  # People sign in on Cognito's pages alone. Rotation excludes ALLOW_REFRESH_TOKEN_AUTH, and some flow must be named.
  explicit_auth_flows = ["ALLOW_USER_SRP_AUTH"]

  # MCP clients on many computers keep these tokens: a copy is of no use after the owner's next refresh.
  refresh_token_rotation {
    feature                    = "ENABLED"
    retry_grace_period_seconds = 60
  }

  enable_token_revocation       = true
  prevent_user_existence_errors = "ENABLED"

  # What the scopes email and profile stand for: lacking one of them, Cognito refuses the code.
  read_attributes = local.read_attributes

  access_token_validity  = 60
  id_token_validity      = 60
  refresh_token_validity = 30

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }

  # Its scopes are names to Cognito, which must exist by then.
  depends_on = [aws_cognito_resource_server.unrestricted, aws_cognito_resource_server.restricted]
}

# For gatehouse login --direct: a program on the user's computer can keep no secret, so it proves itself by PKCE.
resource "aws_cognito_user_pool_client" "cli" {
  user_pool_id    = aws_cognito_user_pool.this.id
  name            = "Gatehouse CLI"
  generate_secret = false

  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = ["openid", "email", "profile", "aws.cognito.signin.user.admin"]
  supported_identity_providers         = ["COGNITO"]
  callback_urls                        = ["http://localhost:8080/callback"]
  explicit_auth_flows                  = ["ALLOW_REFRESH_TOKEN_AUTH"]
  enable_token_revocation              = true
  prevent_user_existence_errors        = "ENABLED"
  read_attributes                      = local.read_attributes

  # The command keeps no refresh token.
  access_token_validity  = 60
  id_token_validity      = 60
  refresh_token_validity = 1

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }
}

# A machine: client credentials exclude the code grant, and OpenID scopes.
resource "aws_cognito_user_pool_client" "agent" {
  user_pool_id    = aws_cognito_user_pool.this.id
  name            = "Agent"
  generate_secret = true

  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_scopes                 = ["mcp-servers-unrestricted/read", "mcp-servers-unrestricted/execute"]

  # Left out, users could sign in by it through the API.
  explicit_auth_flows           = ["ALLOW_REFRESH_TOKEN_AUTH"]
  enable_token_revocation       = true
  prevent_user_existence_errors = "ENABLED"
  access_token_validity         = 60

  token_validity_units {
    access_token = "minutes"
  }

  depends_on = [aws_cognito_resource_server.unrestricted]
}

locals {
  read_attributes = [
    "email",
    "email_verified",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
  ]
}

# ---- Login pages ---------------------------------------------------------------------------------------------------------------

# Managed login answers 403 to a client without a style.
resource "aws_cognito_managed_login_branding" "web" {
  user_pool_id                = aws_cognito_user_pool.this.id
  client_id                   = aws_cognito_user_pool_client.web.id
  use_cognito_provided_values = true
}

resource "aws_cognito_managed_login_branding" "cli" {
  user_pool_id                = aws_cognito_user_pool.this.id
  client_id                   = aws_cognito_user_pool_client.cli.id
  use_cognito_provided_values = true
}

resource "aws_cognito_user_pool_domain" "this" {
  user_pool_id          = aws_cognito_user_pool.this.id
  domain                = var.domain_prefix
  managed_login_version = 2

  # The pages go over to managed login when every client has its style.
  depends_on = [aws_cognito_managed_login_branding.web, aws_cognito_managed_login_branding.cli]
}

# ---- Groups and the first admin: what a group may do is in scopes.yml ----------------------------------------------------------

resource "aws_cognito_user_group" "admin" {
  user_pool_id = aws_cognito_user_pool.this.id
  name         = "mcp-registry-admin"
}

resource "aws_cognito_user_group" "user" {
  user_pool_id = aws_cognito_user_pool.this.id
  name         = "mcp-registry-user"
}

resource "aws_cognito_user_group" "developer" {
  user_pool_id = aws_cognito_user_pool.this.id
  name         = "mcp-registry-developer"
}

resource "aws_cognito_user_group" "operator" {
  user_pool_id = aws_cognito_user_pool.this.id
  name         = "mcp-registry-operator"
}

# Cognito sends a temporary password: one that stood here would stay in the state.
resource "aws_cognito_user" "admin" {
  count = var.admin_email == "" ? 0 : 1

  user_pool_id = aws_cognito_user_pool.this.id
  username     = var.admin_user_name

  # Left out, it would be SMS.
  desired_delivery_mediums = ["EMAIL"]

  attributes = {
    email          = var.admin_email
    email_verified = true
  }
}

resource "aws_cognito_user_in_group" "admin" {
  count = var.admin_email == "" ? 0 : 1

  user_pool_id = aws_cognito_user_pool.this.id
  username     = aws_cognito_user.admin[0].username
  group_name   = aws_cognito_user_group.admin.name
}
