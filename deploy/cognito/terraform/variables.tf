variable "registry_url" {
  type        = string
  description = "Public URL of the gateway, without a path and without a final slash (REGISTRY_URL)"

  validation {
    # Cognito takes http for localhost alone. Callback URLs are compared to the letter, and the gateway writes its own as browsers do.
    condition     = can(regex("^(https://[a-z0-9.-]+(:[0-9]{1,5})?|http://localhost(:[0-9]{1,5})?)$", var.registry_url)) && !can(regex("^https:.*:443$|^http:.*:80$", var.registry_url))
    error_message = "It must be https://HOST in lower case, or http://localhost:PORT, without a path, a final slash and the usual port."
  }
}

variable "domain_prefix" {
  type        = string
  description = "First part of the host name of the login pages; nobody else in the region may have it"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.domain_prefix)) && !can(regex("aws|amazon|cognito", var.domain_prefix))
    error_message = "It must be lower-case letters, digits and inner hyphens, at most 63, without aws, amazon and cognito in it."
  }
}

variable "pool_name" {
  type    = string
  default = "MCP Gateway"
}

variable "tier" {
  type        = string
  default     = "ESSENTIALS"
  description = "Feature plan of the user pool"

  validation {
    condition     = contains(["ESSENTIALS", "PLUS"], var.tier)
    error_message = "It must be ESSENTIALS or PLUS: LITE has no managed login and no refresh token rotation."
  }
}

variable "mfa" {
  type        = string
  default     = "OFF"
  description = "Whether users need an authenticator app"

  validation {
    condition     = contains(["OFF", "OPTIONAL", "ON"], var.mfa)
    error_message = "It must be OFF, OPTIONAL or ON."
  }
}

variable "admin_email" {
  type        = string
  default     = ""
  description = "Where the first admin gets the invitation; empty for no user"
}

variable "admin_user_name" {
  type    = string
  default = "admin"

  validation {
    # An e-mail address cannot be the user name where it is another way to sign in.
    condition     = can(regex("^[A-Za-z0-9._-]{1,128}$", var.admin_user_name))
    error_message = "It must be letters, digits, dots, hyphens and underscores."
  }
}
