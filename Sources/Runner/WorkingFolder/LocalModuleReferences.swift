internal import LocalFiles

/// Which folders outside a module its configuration names as `source = "../…"`, and theirs in turn.
///
/// The search over-approximates: a line that only looks like a reference costs a copy, a missed one would let a provider
/// write into the user's folder.
struct LocalModuleReferences {
    static let configurationSuffixes = [".tf", ".tf.json", ".tofu", ".tofu.json"]

    /// Absolute, resolved paths of folders that are not searched.
    var excluded: Set<String> = []

    /// - Parameter root: the absolute, resolved path of the module's folder.
    /// - Returns: absolute paths of existing folders that do not lie below `root`, nor below one another.
    func folders(of root: String) throws -> [String] {
        var found: [String] = []
        var pending = [root]
        while let folder = pending.popLast() {
            for reference in try references(below: folder) {
                guard let path = resolvedPath(reference), PrivateFile.isFolder(path) else { continue }
                guard !([root] + found).contains(where: { path.isWithin($0) }) else { continue }
                found.removeAll { $0.isWithin(path) }
                found.append(path)
                pending.append(path)
            }
        }
        // A folder that holds the root would copy the root twice; its other content is reached through links instead.
        return found.filter { !root.isWithin($0) }.sorted()
    }

    private func references(below folder: String) throws -> [String] {
        try FolderTree.entries(of: folder).flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            switch FileKind(of: path) {
            case .folder where !WorkingFolder.leftOut.contains(name) && !excluded.contains(path):
                return try references(below: path)
            case .file where Self.configurationSuffixes.contains(where: name.hasSuffix):
                let text = String(decoding: try PrivateFile.read(path), as: UTF8.self)
                return Self.sources(in: text).map { "\(folder)/\($0)" }
            default:
                return []
            }
        }
    }

    static func sources(in configuration: String) -> [String] {
        configuration.matches(of: #/\bsource"?\s*[=:]\s*"(\.\.?/[^"$]*)"/#).map { String($0.1) }
    }
}
