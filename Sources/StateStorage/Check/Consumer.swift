/// Who works with states, and needs rights to.
public enum Consumer: String, Sendable, Hashable, CaseIterable {
    /// Terraform by itself, with its own `kubernetes` backend.
    case terraform
    /// OpenTofu by itself.
    case tofu
    /// `stowage run`, with either engine.
    case run = "stowage run"
    /// `stowage state`, in all its commands.
    case state = "stowage state"
    /// Whoever submits deployments.
    case deploy = "stowage deploy"
}
