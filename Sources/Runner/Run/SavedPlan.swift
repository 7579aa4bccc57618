internal import LocalFiles
internal import OrderedJSON
internal import StateStorage

/// A plan that is to be applied later, in one private file: a tar archive with the engine's own plan, the dependency lock file
/// that it was made with, and what it is a plan of.
///
/// ```
/// stowage-plan.json     what follows from ``facts``
/// tfplan                as the engine wrote it: `terraform show` reads it
/// .terraform.lock.hcl   the providers it was made with, where there are any
/// ```
///
/// An engine's plan holds the values of variables, the prior state and the settings of its backend. It is applied with those
/// settings, whatever the folder says, which is why they name nothing that belongs to one run: see ``EngineBackend``.
public struct SavedPlan: Sendable, Hashable {
    /// What a plan is of. Who applies it must mean the same.
    struct Facts: Sendable, Hashable {
        let environment: EnvironmentID
        let namespace: String
        let backend: StateBackend
        let engine: EngineVersion
        /// The state that it starts from; nil where there was none.
        let state: StateMark?
        let destroys: Bool
    }

    private enum Name {
        static let facts = "stowage-plan.json"
        static let plan = "tfplan"
        static let lockFile = ".terraform.lock.hcl"
    }

    private static let format = 1

    let facts: Facts
    let plan: [UInt8]
    /// nil where the module needs no provider that could be locked.
    let lockFile: [UInt8]?

    /// Whether it is one to destroy everything.
    public var destroys: Bool { facts.destroys }
    /// By which backend it was made, and is applied.
    public var backend: StateBackend { facts.backend }

    init(facts: Facts, plan: [UInt8], lockFile: [UInt8]?) {
        self.facts = facts
        self.plan = plan
        self.lockFile = lockFile
    }

    /// Reads a file that ``write(to:)`` wrote. Blocks.
    ///
    /// - Throws: ``RunError`` with code `plan` for any other file; `FileError`.
    public init(reading path: String) throws {
        let contents = try Self.contents(of: path)
        guard let text = contents[Name.facts], let json = try? JSON(parsing: text), let plan = contents[Name.plan],
            let facts = Facts(json, format: Self.format)
        else {
            throw RunError(
                .plan,
                "\(path) is no plan that `stowage run plan --out` wrote, or one of another version; make it anew")
        }
        self.init(facts: facts, plan: plan, lockFile: contents[Name.lockFile])
    }

    private static func contents(of path: String) throws -> [String: [UInt8]] {
        let file = try PositionedFile.open(reading: path)
        let archive = try TarArchive(file)
        if let fault = archive.fault {
            throw RunError(.plan, "\(path) is no whole plan that `stowage run plan --out` wrote: \(fault)")
        }
        let entries = try archive.entries.map { ($0.name, try file.read($0.size, at: $0.contentStart)) }
        return Dictionary(entries) { first, _ in first }
    }

    /// Writes it whole or not at all, readable by its owner only. Blocks.
    func write(to path: String) throws {
        var archive: [UInt8] = []
        let entries =
            [(Name.facts, facts.json(format: Self.format).bytes), (Name.plan, plan)]
            + (lockFile.map { [(Name.lockFile, $0)] } ?? [])
        for (name, content) in entries {
            archive += TarFormat.header(of: name, size: content.count, modified: 0) + content
            archive += TarFormat.padding(after: content.count)
        }
        try PrivateFile.write(archive + TarFormat.end, to: path)
    }
}

extension SavedPlan {
    /// Sees to it that it is applied where it was made for.
    ///
    /// - Parameter namespace: empty where it is not known yet.
    func check(environment: EnvironmentID, namespace: String) throws(RunError) {
        guard facts.environment == environment else {
            throw RunError(
                .plan,
                "the plan is one of environment \(facts.environment), not of \(environment); plan the one that is meant"
            )
        }
        guard namespace.isEmpty || facts.namespace == namespace else {
            throw RunError(
                .plan,
                "the plan is one for the state in namespace \(facts.namespace), not in \(namespace); plan anew, or pass "
                    + "--namespace \(facts.namespace)")
        }
    }

    func check(engine: EngineVersion) throws(RunError) {
        guard facts.engine == engine else {
            throw RunError(
                .plan,
                "the plan was made by \(facts.engine) and this is \(engine), and an engine reads none but its own; pass "
                    + "the one that made it with --engine, or plan anew")
        }
    }

    /// - Parameter state: what is there now.
    /// - Throws: ``RunError`` with code `stalePlan` where it is no longer what was planned from.
    func check(state: StateMark?) throws(RunError) {
        guard facts.state != state else { return }
        let start = facts.state.map { "serial \($0.serial) of lineage \($0.lineage)" } ?? "no state"
        throw RunError(
            .stalePlan,
            "the plan starts from \(start), and the state of environment \(facts.environment) in namespace "
                + "\(facts.namespace) "
                + (state.map { "is at serial \($0.serial) of lineage \($0.lineage) now" } ?? "is gone")
                + "; nothing was changed; plan anew")
    }
}

extension SavedPlan.Facts {
    fileprivate init?(_ json: JSON, format: Int) {
        guard json["format"]?.int == format, let name = json["environment"]?.string,
            let environment = try? EnvironmentID(name), let namespace = json["namespace"]?.string,
            let backend = json["backend"]?.string.flatMap(StateBackend.init), let engine = json["engine"]?.string,
            let version = json["engineVersion"]?.string
        else { return nil }
        self.environment = environment
        self.namespace = namespace
        self.backend = backend
        self.engine = EngineVersion(name: engine, number: version)
        destroys = json["destroys"]?.bool ?? false
        // A serial may be larger than what a number of JSON is read as.
        state = json["serial"]?.string.flatMap { UInt64($0) }.flatMap { serial in
            json["lineage"]?.string.map { StateMark(serial: serial, lineage: $0) }
        }
    }

    fileprivate func json(format: Int) -> JSON {
        var json: JSON = [
            "format": .number(JSONNumber(format)), "environment": .string("\(environment)"),
            "namespace": .string(namespace), "backend": .string(backend.rawValue), "engine": .string(engine.name),
            "engineVersion": .string(engine.number), "destroys": .bool(destroys),
        ]
        if let state {
            json["serial"] = .string("\(state.serial)")
            json["lineage"] = .string(state.lineage)
        }
        return json
    }
}
