internal import TerraformState

/// What becomes of a state when one from a backup is to take its place. Knows no cluster.
enum RestorePlan: Sendable, Hashable {
    case unchanged
    /// What is to be written.
    case write(StateFile)
    /// What speaks against it and was not overridden.
    case refuse(Set<Objection>)

    /// - Parameters:
    ///   - current: what is there.
    ///   - forced: objections that are overridden. A state that may be written although its serial is not the next one is
    ///     written under the serial after the one that is there, like a rollback, so that engines go on from it. One that
    ///     OpenTofu encrypted keeps its own, because its serial cannot be changed without the key.
    static func plan(_ file: StateFile, over current: StateFile, forced: Set<Objection>) -> RestorePlan {
        guard !isRestored(file, current) else { return .unchanged }
        let objections = StateGuard.objections(to: StateFacts(file), over: StateFacts(current), isDestroy: false)
            .subtracting(forced)
        guard objections.isEmpty else { return .refuse(objections) }
        guard file.serial <= current.serial, current.serial < UInt64.max,
            let next = try? file.withSerial(current.serial + 1)
        else { return .write(file) }
        return .write(next)
    }

    /// Whether the state is there already: the same bytes, but for a higher serial that a restore may have given it.
    private static func isRestored(_ file: StateFile, _ current: StateFile) -> Bool {
        if file.bytes == current.bytes { return true }
        guard current.serial > file.serial, let raised = try? file.withSerial(current.serial) else { return false }
        return raised.bytes == current.bytes
    }
}
