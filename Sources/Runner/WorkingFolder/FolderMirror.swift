internal import CLibrary
internal import LocalFiles

/// A second view of the file system in which a few folders are copies and all the rest is reached through links.
///
/// The copies stand below `root` at the very paths they have in the file system, so `../…`, `path.module` and relative
/// links lead where they lead in place, and whatever a program writes next to its configuration goes to the copy.
struct FolderMirror {
    let root: String
    /// Absolute, resolved paths; none below another.
    let copied: [String]
    /// Absolute, resolved paths of folders that no copy has.
    var excluded: Set<String> = []

    func path(of original: String) -> String { root + original }

    func build() throws {
        let opened = Set(copied.flatMap(\.ancestorFolders))
        try PrivateFile.createFolder(root)
        for folder in opened.sorted() { try open(folder, opened: opened) }
        for folder in copied { try copy(folder) }
    }

    /// Makes a real folder for one above a copy, with a link for every entry that is not itself opened or copied.
    private func open(_ folder: String, opened: Set<String>) throws {
        let mirrored = folder == "/" ? root : path(of: folder)
        try PrivateFile.createFolder(mirrored)
        // A folder that may be passed through but not listed, as homes often are, has no entry that could be linked.
        guard let names = try? FolderTree.entries(of: folder) else { return }
        for name in names {
            let original = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
            guard !opened.contains(original), !copied.contains(original) else { continue }
            try link(original, at: "\(mirrored)/\(name)")
        }
    }

    private func copy(_ original: String) throws {
        guard !excluded.contains(original) else { return }
        let mirrored = path(of: original)
        switch FileKind(of: original) {
        case .folder:
            guard mkdir(mirrored, 0o700) == 0 else { throw failure("create folder", mirrored) }
            for name in try FolderTree.entries(of: original) {
                if WorkingFolder.leftOut.contains(name) { continue }
                if name == ".git" {
                    try link("\(original)/\(name)", at: "\(mirrored)/\(name)")
                } else {
                    try copy("\(original)/\(name)")
                }
            }
        case .file:
            try FileCopy.copy(original, to: mirrored)
        case .link(let target):
            try link(retargeted(target), at: mirrored)
        case .other, .missing:
            break
        }
    }

    /// An absolute link into a copied folder leads to the copy, or a write through it would reach the original.
    private func retargeted(_ target: String) -> String {
        copied.contains(where: { target.isWithin($0) }) ? path(of: target) : target
    }

    private func link(_ target: String, at path: String) throws {
        guard symlink(target, path) == 0 else { throw failure("link", path) }
    }

    private func failure(_ action: String, _ path: String) -> FileError {
        FileError(path: path, action: action, number: errno)
    }
}
