internal import ArgumentParser
internal import KubernetesAPI
internal import LocalFiles
internal import Runner

/// A runner configuration that gives a command its cluster and its namespace.
struct RunnerConfigOption: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "The runner-config.yaml whose cluster and namespace are meant; an option that names a cluster wins.",
            valueName: "file"))
    var path: String?

    /// As it was given, for a command that a message tells people to run.
    var commandLine: [String] { path.map { ["--config", absolutePath($0)] } ?? [] }

    /// nil when none was given.
    ///
    /// - Throws: `RunnerConfigurationError` with all of its problems; `FileError`, `CommandError` when it cannot be read.
    func read() async throws -> ChosenRunner? {
        guard let path else { return nil }
        return ChosenRunner(path: path, configuration: try await RunnerConfigurationFile(path: path).read())
    }
}

/// A runner configuration that was read, with the file that it came from.
struct ChosenRunner: Equatable {
    let path: String
    let configuration: RunnerConfiguration

    /// The namespace of the states.
    ///
    /// - Parameter given: that of `--namespace`.
    /// - Throws: `UsageError` where the two differ: the wrong namespace is an empty state.
    func namespace(given: String?) throws -> String {
        let own = configuration.stateStorage.namespace
        if let given, given != own {
            throw UsageError(
                description: "--namespace is '\(given)', and \(path) keeps state in '\(own)'; leave out one of the two")
        }
        return own
    }
}

/// A runner configuration's file.
struct RunnerConfigurationFile {
    /// `-` is the standard input.
    let path: String

    func read() async throws -> RunnerConfiguration {
        guard !PrivateFile.isFolder(path) else {
            throw CommandError(status: .files, description: "\(path) is a folder; pass a runner-config.yaml")
        }
        guard path == "-" else { return try await RunnerConfiguration.load(path) }
        let bytes = try await offloading {
            try PrivateFile.read("/dev/stdin", limit: RunnerConfiguration.maximumSize + 1)
        }
        return try RunnerConfiguration(parsing: bytes, file: "<stdin>")
    }
}
