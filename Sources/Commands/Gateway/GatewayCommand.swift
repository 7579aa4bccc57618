internal import ArgumentParser

/// `stowage gateway`: the engines' `http` backend in front of the states of a namespace.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Serve the states of a namespace to engines, over their http backend.",
        discussion: """
            An engine that uses it needs no credentials of the cluster, reads no other \
            environment's state, and writes with the store's guarantees. The states stay in \
            the same Secrets, so the kubernetes backend can be gone back to any day.

              stowage gateway --listen 127.0.0.1:8460 --namespace humanitec-runner
              stowage gateway token create 4b41bf32-b337-93a4-ad65-1d565c5e25be \\
                --ttl 24h --namespace humanitec-runner

            and in the module, with the token as TF_HTTP_PASSWORD:

              terraform {
                backend "http" {
                  address        = "http://127.0.0.1:8460/v1/environments/UUID/state"
                  lock_address   = "http://127.0.0.1:8460/v1/environments/UUID/state"
                  unlock_address = "http://127.0.0.1:8460/v1/environments/UUID/state"
                  username       = "stowage"
                }
              }

            EXIT STATUS
            \(ExitStatus.table)
            """,
        subcommands: [GatewayServeCommand.self, GatewayTokenCommand.self], defaultSubcommand: GatewayServeCommand.self)
}
