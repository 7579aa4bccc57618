# A module without providers to download: `terraform_data` is built into the engine.

variable "who" {
  type        = string
  default     = "world"
  description = "Who is greeted."
}

resource "terraform_data" "greeting" {
  input = "Hello, ${var.who}!"
}

output "greeting" {
  value = terraform_data.greeting.output
}
