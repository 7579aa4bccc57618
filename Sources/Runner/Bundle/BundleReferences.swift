internal import LocalFiles

/// What a module's configuration refers to outside of the module's folder: modules, files and folders named by `../…`, and
/// what those refer to in turn.
///
/// The search over-approximates, as ``LocalModuleReferences`` does: a text that only looks like a path costs a few bytes.
struct BundleReferences {
    /// Absolute and resolved: what lies outside of it cannot be sent.
    let root: String

    /// - Parameter module: the absolute, resolved path of the module's folder.
    /// - Returns: absolute, resolved paths of files and folders to send, the module's own included; none lies below another.
    func paths(of module: String) throws -> [String] {
        var (found, pending) = ([module], [module])
        func add(_ path: String, isFolder: Bool) {
            guard !found.contains(where: { path.isWithin($0) }) else { return }
            found.removeAll { $0.isWithin(path) }
            found.append(path)
            if isFolder { pending.append(path) }
        }
        while let folder = pending.popLast() {
            for (source, file) in try references(below: folder) {
                let base = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
                if source.isModule {
                    guard let path = resolvedPath("\(base)/\(source.path)"), PrivateFile.isFolder(path) else {
                        continue
                    }
                    guard path.isWithin(root) else {
                        throw BundleError(
                            .outside,
                            "\(file) uses the module \(source.path), which lies outside of \(root), the folder that "
                                + "bounds what is sent; pass one that holds both with --bundle-root")
                    }
                    add(path, isFolder: true)
                    continue
                }
                for path in Set([base, module]).compactMap({ resolvedPath("\($0)/\(source.path)") }) {
                    // A folder above the module is named to build a path from it, not for all that is in it.
                    guard path.isWithin(root), !module.isWithin(path) else { continue }
                    add(path, isFolder: PrivateFile.isFolder(path))
                }
            }
        }
        return found.sorted()
    }

    private typealias Reference = (source: Source, file: String)

    struct Source: Hashable {
        let path: String
        let isModule: Bool
    }

    private func references(below folder: String) throws -> [Reference] {
        try FolderTree.entries(of: folder).flatMap { name -> [Reference] in
            let path = "\(folder)/\(name)"
            switch FileKind(of: path) {
            case .folder where !BundleTree.isNeverSent(name): return try references(below: path)
            case .file where LocalModuleReferences.configurationSuffixes.contains(where: name.hasSuffix):
                let text = String(decoding: try PrivateFile.read(path), as: UTF8.self)
                return Self.sources(in: text).map { ($0, path) }
            default: return []
            }
        }
    }

    static func sources(in configuration: String) -> [Source] {
        let modules = Set(LocalModuleReferences.sources(in: configuration))
        let texts = configuration.matches(of: #/"(?:\$\{path\.(?:module|root|cwd)\}\/?)?([^"$\n]*\.\.[^"$\n]*)"/#)
        let paths = Set(
            texts.flatMap { $0.1.split(whereSeparator: \.isWhitespace) }.filter { word in
                word.split(separator: "/").contains("..")
            }.map(String.init))
        return modules.map { Source(path: $0, isModule: true) }
            + paths.subtracting(modules).map { Source(path: $0, isModule: false) }
    }
}
