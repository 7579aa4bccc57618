internal import KubernetesAPI
internal import LocalFiles
internal import OrderedJSON

/// What a deployment's container is told beside its environment variables: a Secret of the deployment, which it gets as files.
/// Values of variables are here and nowhere else of the cluster.
struct DeploymentInputs: Sendable, Hashable {
    enum Variable: Sendable, Hashable {
        /// `NAME=VALUE`
        case value(String)
        /// A file beside this one.
        case file(String)
    }

    static let fileName = "inputs.json"
    /// Of all values and files together, in bytes.
    private static let sizeLimit = 1_000_000

    /// The module's path in the bundle; empty for its root.
    var module: String
    /// Where the state is kept.
    var stateNamespace: String
    /// `terraform`, `tofu` or a path; nil for the one of the image.
    var engine: String?
    var backend = StateBackend.kubernetes
    /// How long to wait for one's turn, in seconds.
    var wait: Int
    /// How long the engine may work, in seconds.
    var timeout: Int
    /// How many parts the bundle has.
    var partCount: Int
    var variables: [Variable] = []

    static func partName(_ index: Int) -> String { "bundle-\(index)" }

    var json: JSON {
        [
            "module": .string(module), "namespace": .string(stateNamespace),
            "engine": engine.map(JSON.string) ?? .null, "backend": .string(backend.rawValue),
            "wait": .number(JSONNumber(wait)), "timeout": .number(JSONNumber(timeout)),
            "parts": .number(JSONNumber(partCount)),
            "variables": .array(
                variables.map { variable in
                    switch variable {
                    case .value(let assignment): ["value": .string(assignment)]
                    case .file(let name): ["file": .string(name)]
                    }
                }),
        ]
    }

    /// nil for anything else.
    init?(_ json: JSON) {
        guard let module = json["module"]?.string, let namespace = json["namespace"]?.string,
            let wait = json["wait"]?.int, let timeout = json["timeout"]?.int, let parts = json["parts"]?.int,
            parts >= 1, let variables = json["variables"]?.array
        else { return nil }
        self.init(
            module: module, stateNamespace: namespace, engine: json["engine"]?.string, wait: wait, timeout: timeout,
            partCount: parts)
        if let name = json["backend"]?.string {
            guard let backend = StateBackend(rawValue: name) else { return nil }
            self.backend = backend
        }
        for variable in variables {
            if let value = variable["value"]?.string {
                self.variables.append(.value(value))
            } else if let file = variable["file"]?.string, !file.contains("/") {
                self.variables.append(.file(file))
            } else {
                return nil
            }
        }
    }

    init(
        module: String, stateNamespace: String, engine: String?, wait: Int, timeout: Int, partCount: Int
    ) {
        self.module = module
        self.stateNamespace = stateNamespace
        self.engine = engine
        self.wait = wait
        self.timeout = timeout
        self.partCount = partCount
    }

    /// Takes the variables in, with the content of their files. Blocks.
    ///
    /// - Returns: the files to send along, by their names.
    /// - Throws: ``DeploymentError`` with code `variables`; `FileError`.
    mutating func take(_ given: [EngineVariable]) throws -> [(name: String, content: [UInt8])] {
        var (files, size) = ([(name: String, content: [UInt8])](), 0)
        for variable in given {
            switch variable {
            case .value(let assignment):
                size += assignment.utf8.count
                variables.append(.value(assignment))
            case .file(let path):
                let content = try PrivateFile.read(path, limit: Self.sizeLimit + 1)
                size += content.count
                // The engines go by the end of the name.
                let name = "variables-\(files.count).tfvars\(path.hasSuffix(".json") ? ".json" : "")"
                files.append((name, content))
                variables.append(.file(name))
            }
        }
        guard size <= Self.sizeLimit else {
            throw DeploymentError(
                .variables,
                "the variables have more than \(Self.sizeLimit) bytes, which is what a Secret holds; put what is large and no "
                    + "secret into files of the module")
        }
        return files
    }
}
