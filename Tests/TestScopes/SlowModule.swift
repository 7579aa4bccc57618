/// A module whose engine stays in the middle of an apply for as long as a test likes.
public enum SlowModule {
    /// One resource, `terraform_data.slow`.
    ///
    /// - Parameters:
    ///   - started: a file that is there, with the engine's process identifier in it, when the engine is in the middle.
    ///   - go: a file that ends the wait; nil waits for ten minutes.
    public static func text(started: String, until go: String? = nil) -> String {
        let wait = go.map { "until test -e \($0); do sleep 0.05; done; echo on" } ?? "exec sleep 600"
        return """
            resource "terraform_data" "slow" {
              provisioner "local-exec" { command = "echo $PPID > \(started).0; mv \(started).0 \(started); \(wait)" }
            }
            """
    }
}
