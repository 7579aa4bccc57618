public import OrderedJSON

/// What tells two states apart: resources and outputs, attribute by attribute. Knows no cluster.
///
/// `null` is how engines write an attribute that is not set, and is taken for that.
public struct StateDifference: Sendable, Hashable {
    /// What became of something from the older state to the newer.
    public enum Change: String, Sendable, Hashable {
        /// It is in the newer one only; in both, and differs; in the older one only.
        case added, changed, removed
    }

    /// A value that is not the same on both sides.
    public struct Value: Sendable, Hashable {
        /// Where the value is in its instance or output.
        public let path: AttributePath
        /// What became of it.
        public let change: Change
        /// nil where it is added. ``StateFile/hidden`` for what is sensitive, unless it was to be revealed.
        public let before: JSON?
        /// nil where it is removed.
        public let after: JSON?
        /// Whether one of the states marks it as sensitive.
        public let isSensitive: Bool
    }

    /// An instance of a resource.
    public struct Resource: Sendable, Hashable {
        /// The address as engines write it: `module.a.type.name[0]`.
        public let address: String
        /// Of an object that was replaced and is yet to be destroyed; nil for the one that is in use.
        public let deposedKey: String?
        /// `managed` or `data`.
        public let mode: String
        /// What became of it.
        public let change: Change
        /// The attributes that are not the same.
        public let values: [Value]
        /// What else an engine writes about an instance and is not the same: `status`, `dependencies`, `private`, … By name
        /// only, since `private` belongs to the provider.
        public let otherMembers: [String]
    }

    /// An output of the root module.
    public struct Output: Sendable, Hashable {
        /// The output's name.
        public let name: String
        /// What became of it.
        public let change: Change
        /// What of its value is not the same.
        public let values: [Value]
        /// `type` or `sensitive`, where they are not the same.
        public let otherMembers: [String]
    }

    /// In the order of the newer state; removed ones last.
    public let resources: [Resource]
    /// In the order of the newer state; removed ones last.
    public let outputs: [Output]

    /// Whether the two are the same in all that is compared.
    public var isEmpty: Bool { resources.isEmpty && outputs.isEmpty }

    /// - Parameter revealing: shows sensitive values too. Otherwise none is in the result: what either state marks as
    ///   sensitive is one change without its value.
    /// - Throws: `StateFileError.Code.encrypted`; `notState` where a file is not built like a state.
    public init(from old: StateFile, to new: StateFile, revealing: Bool = false) throws(StateFileError) {
        let (before, after) = (try old.decoded(), try new.decoded())
        resources = try Self.resources(before, after, revealing)
        outputs = Self.outputs(before["outputs"]?.object ?? [:], after["outputs"]?.object ?? [:], revealing)
    }
}

// MARK: - Resources

extension StateDifference {
    private struct InstanceName: Hashable {
        let address: String
        let deposedKey: String?
        /// Engines write an address once. Where a state has it again, the first is compared with the first.
        var occurrence = 0
    }

    private static func named(_ instances: [StateInstance]) -> [(name: InstanceName, instance: StateInstance)] {
        var counts: [InstanceName: Int] = [:]
        return instances.map { instance in
            var name = InstanceName(address: instance.address, deposedKey: instance.deposedKey)
            let occurrence = counts[name, default: 0]
            counts[name] = occurrence + 1
            name.occurrence = occurrence
            return (name, instance)
        }
    }

    private static func resources(
        _ before: JSON, _ after: JSON, _ revealing: Bool
    ) throws(StateFileError) -> [Resource] {
        let (old, new) = (named(try StateFile.instances(of: before)), named(try StateFile.instances(of: after)))
        let oldByName = Dictionary(uniqueKeysWithValues: old.map { ($0.name, $0.instance) })
        let newNames = Set(new.map(\.name))
        return new.compactMap { resource(from: oldByName[$0.name], to: $0.instance, revealing) }
            + old.filter { !newNames.contains($0.name) }
            .compactMap { resource(from: $0.instance, to: nil, revealing) }
    }

    /// nil where nothing differs.
    private static func resource(from old: StateInstance?, to new: StateInstance?, _ revealing: Bool) -> Resource? {
        guard let named = new ?? old else { return nil }
        var comparison = ValueComparison(revealing: revealing)
        comparison.compare(
            old?.attributes ?? [:], new?.attributes ?? [:], at: AttributePath(),
            marks: ((old?.sensitivePaths ?? []) + (new?.sensitivePaths ?? [])).map { ($0.array ?? [])[...] })
        var others: [String] = []
        if let old, let new {
            others = changedMembers(
                old.json.object ?? [:], new.json.object ?? [:], except: ["attributes", "attributes_flat", "index_key"])
            if old.provider != new.provider { others.append("provider") }
            guard !comparison.values.isEmpty || !others.isEmpty else { return nil }
        }
        return Resource(
            address: named.address, deposedKey: named.deposedKey, mode: named.mode,
            change: Change(old != nil, new != nil), values: comparison.values, otherMembers: others)
    }

    private static func changedMembers(_ old: JSONObject, _ new: JSONObject, except: Set<String>) -> [String] {
        let names = new.keys + old.keys.filter { new[$0] == nil }
        return names.filter { !except.contains($0) && old[$0] != new[$0] }
    }
}

// MARK: - Outputs

extension StateDifference {
    private static func outputs(_ old: JSONObject, _ new: JSONObject, _ revealing: Bool) -> [Output] {
        (new.keys + old.keys.filter { new[$0] == nil }).compactMap { name in
            let (before, after) = (old[name], new[name])
            let isSensitive = [before, after].contains { $0?["sensitive"]?.bool == true }
            var comparison = ValueComparison(revealing: revealing)
            comparison.compare(
                before?["value"], after?["value"], at: AttributePath([.member(name)]), marks: isSensitive ? [[]] : [])
            var others: [String] = []
            if let before, let after {
                others = changedMembers(before.object ?? [:], after.object ?? [:], except: ["value"])
                guard !comparison.values.isEmpty || !others.isEmpty else { return nil }
            }
            return Output(
                name: name, change: Change(before != nil, after != nil), values: comparison.values, otherMembers: others
            )
        }
    }
}

extension StateDifference.Change {
    init(_ isBefore: Bool, _ isAfter: Bool) { self = isBefore && isAfter ? .changed : isAfter ? .added : .removed }
}
