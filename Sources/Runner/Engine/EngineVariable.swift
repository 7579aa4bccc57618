/// A value for a variable of the module, as the engines' options give it.
public enum EngineVariable: Sendable, Hashable {
    /// `NAME=VALUE`, as in `-var`.
    case value(String)
    /// An absolute path, as in `-var-file`.
    case file(String)

    /// The engine's option, quoted for a `TF_CLI_ARGS_…` variable.
    ///
    /// The engines split those variables as a shell splits words. They take options from there with the same meaning as
    /// from a command line, which every user of a machine can read; an environment is its owner's alone.
    var quotedOption: String {
        switch self {
        case .value(let assignment): "-var \(quoted(assignment))"
        case .file(let path): "-var-file \(quoted(path))"
        }
    }

    private func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
