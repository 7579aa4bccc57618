/// How much a state holds.
public struct StateCounts: Sendable, Hashable {
    /// Managed resources, as blocks in a module; each may have several instances.
    public var resources = 0
    /// Data sources.
    public var dataSources = 0
    /// Instances of managed resources: what exists outside.
    public var instances = 0
    /// Outputs of the root module.
    public var outputs = 0

    public init() {}
}

extension StateFile {
    /// Counts resources and outputs without decoding them.
    ///
    /// - Throws: `StateFileError.Code.encrypted` where the key would be needed; `notState` where `resources` is no array
    ///   of resources.
    public func counts() throws(StateFileError) -> StateCounts {
        guard !isEncrypted else { throw StateFileError(.encrypted) }
        do throws(JSONSkimmer.Malformed) {
            var skimmer = JSONSkimmer(bytes)
            return try skimmer.stateCounts()
        } catch {
            throw StateFileError(.notState)
        }
    }
}

extension JSONSkimmer {
    fileprivate mutating func stateCounts() throws(Malformed) -> StateCounts {
        var counts = StateCounts()
        try object { key, skimmer throws(Malformed) in
            let first = skimmer.peek()
            switch key {
            case "resources" where first == UInt8(ascii: "["):
                try skimmer.array { skimmer throws(Malformed) in try skimmer.countResource(in: &counts) }
            case "outputs" where first == UInt8(ascii: "{"):
                try skimmer.object { _, skimmer throws(Malformed) in
                    try skimmer.skip()
                    counts.outputs += 1
                }
            default: try skimmer.skip()
            }
        }
        return counts
    }

    private mutating func countResource(in counts: inout StateCounts) throws(Malformed) {
        var (isManaged, instances) = (true, 0)
        try object { key, skimmer throws(Malformed) in
            switch key {
            case "mode": isManaged = try skimmer.string() == "managed"
            case "instances" where skimmer.peek() == UInt8(ascii: "["):
                try skimmer.array { skimmer throws(Malformed) in
                    try skimmer.skip()
                    instances += 1
                }
            default: try skimmer.skip()
            }
        }
        counts.resources += isManaged ? 1 : 0
        counts.dataSources += isManaged ? 0 : 1
        counts.instances += isManaged ? instances : 0
    }
}
