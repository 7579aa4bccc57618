internal import CLibrary
internal import LocalFiles

/// The files that make up a module with what it refers to, as they lie below the folder that bounds them.
struct BundleTree {
    struct Entry {
        enum Kind: Equatable {
            case file(size: Int, isExecutable: Bool)
            case folder
            case link(target: String)
        }

        /// From the root.
        let path: String
        let kind: Kind
    }

    /// Absolute and resolved.
    let root: String
    /// The module's path from the root; empty where it is the root.
    let module: String
    /// In the order of their paths.
    private(set) var entries: [Entry] = []

    private let included: [String]
    private let rules: [(folder: String, rules: IgnoreRules)]

    /// What an engine leaves behind, and what is a repository's own.
    static func isNeverSent(_ name: String) -> Bool { name == ".git" || WorkingFolder.leftOut.contains(name) }

    /// States that a local backend left, which a run does not look at and which are full of secrets.
    private static let localStates: Set = ["terraform.tfstate", "terraform.tfstate.backup", "terraform.tfstate.d"]

    /// Blocks.
    ///
    /// - Parameter root: bounds what is sent; nil for the git work tree around the module, or the module where there is none.
    init(module path: String, root given: String?) throws {
        guard let module = resolvedPath(path), PrivateFile.isFolder(module) else {
            throw BundleError(.module, "the module \(path) is no folder")
        }
        guard let root = given.map(resolvedPath) ?? Self.workTree(around: module) ?? module, PrivateFile.isFolder(root)
        else {
            throw BundleError(.module, "--bundle-root \(given ?? "") is no folder")
        }
        guard module.isWithin(root) else {
            throw BundleError(.module, "the module \(path) does not lie in --bundle-root \(root)")
        }
        self.root = root
        self.module = module == root ? "" : String(module.dropFirst(root == "/" ? 1 : root.utf8.count + 1))
        included = try BundleReferences(root: root).paths(of: module)
        rules = try Set([root, module]).compactMap { folder in
            let file = "\(folder)/\(IgnoreRules.fileName)"
            guard FileKind(of: file) == .file else { return nil }
            return (folder, IgnoreRules(parsing: String(decoding: try PrivateFile.read(file), as: UTF8.self)))
        }
        for path in included { try add(path) }
        entries.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    private static func workTree(around module: String) -> String? {
        ([module] + module.ancestorFolders.reversed()).first { FileKind(of: "\($0 == "/" ? "" : $0)/.git") != .missing }
    }

    private func relative(_ path: String) -> String {
        path == root ? "" : String(path.dropFirst(root == "/" ? 1 : root.utf8.count + 1))
    }

    private mutating func add(_ path: String) throws {
        let name = relative(path)
        let kind = FileKind(of: path)
        let (isLeftOut, isFinal) = verdict(path, isFolder: kind == .folder)
        switch kind {
        case .folder:
            guard !isFinal else { return }
            let states = name == module ? Self.localStates : []
            let names = try FolderTree.entries(of: path).filter { !Self.isNeverSent($0) && !states.contains($0) }
            let count = entries.count
            for name in names { try add(path == "/" ? "/\(name)" : "\(path)/\(name)") }
            if entries.count == count, !isLeftOut, !name.isEmpty { entries.append(Entry(path: name, kind: .folder)) }
        case .file where !isLeftOut:
            let size = Int(lengthOfFile(path) ?? 0)
            entries.append(Entry(path: name, kind: .file(size: size, isExecutable: access(path, X_OK) == 0)))
        case .link(let target) where !isLeftOut:
            try check(target, at: name)
            entries.append(Entry(path: name, kind: .link(target: target)))
        default: break
        }
    }

    private func verdict(_ path: String, isFolder: Bool) -> (isLeftOut: Bool, isFinal: Bool) {
        var result = (isLeftOut: false, isFinal: false)
        for (folder, rules) in rules where path != folder && path.isWithin(folder) {
            let below = String(path.dropFirst(folder == "/" ? 1 : folder.utf8.count + 1))
            let own = rules.verdict(below)
            result.isLeftOut = result.isLeftOut || own.isLeftOut
            guard isFolder else { continue }
            let inside = rules.verdict("\(below)/")
            result.isLeftOut = result.isLeftOut || inside.isLeftOut
            result.isFinal = result.isFinal || inside.isFinal
        }
        return result
    }

    private func check(_ target: String, at name: String) throws {
        let path = root == "/" ? "/\(name)" : "\(root)/\(name)"
        var objection = BundleLink.objection(to: target, at: name)
        let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        if objection == nil, let real = resolvedPath("\(folder)/\(target)"),
            !included.contains(where: { real.isWithin($0) })
        {
            objection = "leads to \(real), which is not part of what is sent"
        }
        guard let objection else { return }
        throw BundleError(
            .link,
            "the symbolic link \(path) → \(target) \(objection); put what it leads to in its place, or name the link in "
                + IgnoreRules.fileName)
    }
}
