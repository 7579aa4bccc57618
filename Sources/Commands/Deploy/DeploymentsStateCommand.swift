internal import ArgumentParser
internal import StateStorage

struct DeploymentsStateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "Print the state of a deployment that could not save it, byte for byte.",
        usage: "stowage deployments state [<options>] <uuid>",
        discussion: """
            A deployment whose state could be saved nowhere else, because somebody else's \
            state or lock was in its place or the cluster refused it, leaves it in Secrets \
            of its own, which stay until somebody deletes them.

              stowage deployments state --config runner-config.yaml \\
                a41bf32b-b337-43a4-8d65-1d565c5e25be > saved.tfstate
              stowage state push --config runner-config.yaml \\
                4b41bf32-b337-93a4-ad65-1d565c5e25be saved.tfstate

            When it is saved, they can go:

              kubectl delete secret --namespace humanitec-runner \\
                --selector stowage-content=unsaved,stowage-deployment=<uuid>

            A state can hold secrets: keep it in a file that only you can read. Needs \
            secrets: get and list in the namespace of the states.
            """)

    @OptionGroup var deployment: DeploymentArgument

    @Option(help: ArgumentHelp("Which one, where there are several.", valueName: "number"))
    var serial: UInt64?

    @OptionGroup var options: StateOptions

    func run() async throws {
        let (deployment, serial) = (try deployment.identifier(), serial)
        let bytes = try await options.withStore { store in
            let states = try await store.unsavedStates(of: "\(deployment)")
            return try await store.bytes(of: try Self.chosen(states, serial, "\(deployment)", store.namespace))
        }
        try writeToStandardOutput(bytes)
    }

    private static func chosen(
        _ states: [UnsavedState], _ serial: UInt64?, _ deployment: String, _ namespace: String
    ) throws -> UnsavedState {
        let found = states.filter { serial == nil || $0.serial == serial }
        guard let first = found.first else {
            throw CommandError(
                status: .data,
                description: "namespace \(namespace) has no state"
                    + (serial.map { " of serial \($0)" } ?? "")
                    + " that deployment \(deployment) could not save; what it saved is the environment's state")
        }
        guard found.count == 1 else {
            let serials = found.map { $0.serial.map(String.init) ?? "none" }.joined(separator: ", ")
            throw UsageError(
                description: "deployment \(deployment) left \(found.count) states that it could not save, of serials "
                    + "\(serials); say which with --serial")
        }
        return first
    }
}
