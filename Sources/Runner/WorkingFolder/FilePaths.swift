internal import CLibrary

/// What stands at a path, links not followed.
enum FileKind: Equatable {
    case file
    case folder
    case link(target: String)
    /// A socket, pipe or device.
    case other
    case missing

    init(of path: String) {
        var information = stat()
        guard lstat(path, &information) == 0 else {
            self = .missing
            return
        }
        switch information.st_mode & S_IFMT {
        case S_IFREG: self = .file
        case S_IFDIR: self = .folder
        case S_IFLNK: self = .link(target: linkTarget(path))
        default: self = .other
        }
    }
}

private func linkTarget(_ path: String) -> String {
    let target = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
        count = buffer.withMemoryRebound(to: CChar.self) { characters in
            characters.baseAddress.map { max(readlink(path, $0, characters.count), 0) } ?? 0
        }
    }
    return String(decoding: target, as: UTF8.self)
}

/// The absolute path with every link and `..` resolved; nil where there is nothing.
func resolvedPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}

extension String {
    /// Whether this absolute path is `folder` or lies below it.
    func isWithin(_ folder: String) -> Bool {
        self == folder || hasPrefix(folder == "/" ? "/" : "\(folder)/")
    }

    /// The path without its last component.
    var parentFolder: String { lastIndex(of: "/").map { String(self[..<$0]) } ?? self }

    /// The folders above this absolute path, from `/` down.
    var ancestorFolders: [String] {
        var folders: [String] = []
        for (offset, character) in zip(indices, self) where character == "/" {
            folders.append(offset == startIndex ? "/" : String(self[..<offset]))
        }
        return self == "/" ? [] : folders
    }
}
