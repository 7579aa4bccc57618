internal import OrderedJSON
internal import StateStorage
internal import TerraformState

extension [StateOutput] {
    /// - Throws: `CommandError` where there is none of that name.
    func named(_ name: String, of environment: EnvironmentID) throws -> StateOutput {
        if let found = first(where: { $0.name == name }) { return found }
        let known = map(\.name).joined(separator: ", ")
        throw CommandError(
            status: .data,
            description: "the state of environment \(environment) has no output '\(name)'; it has "
                + (known.isEmpty ? "none" : known))
    }
}

extension StateOutput {
    /// The value as it is, without quotes.
    ///
    /// - Throws: `UsageError` for lists, objects and null.
    func rawText() throws -> String {
        switch value {
        case .string(let text): return text
        case .number(let number): return number.text
        case .bool(let value): return value ? "true" : "false"
        default:
            throw UsageError(
                description: "output '\(name)' is a list or an object, which --raw cannot print; leave it out")
        }
    }
}
