internal import CLibrary
internal import LocalFiles
internal import SystemPackage
internal import TerraformState

/// A bundle as it arrived: parts in files, to be unpacked. What is in it is checked, whoever sent it.
struct BundleArchive {
    /// The files of the parts, in their order.
    let parts: [String]

    private static let chunkSize = 1 << 18

    /// Unpacks into a folder that is made for it. Blocks.
    ///
    /// - Throws: ``BundleError`` with code `damaged`; `FileError`.
    func unpack(into folder: String) throws {
        try PrivateFile.createFolder(folder)
        let path = "\(folder).tar"
        guard let file = try PositionedFile.openExclusively(path) else {
            throw FileError(path: path, action: "lock", number: EWOULDBLOCK)
        }
        defer { try? file.remove() }
        try inflate(into: file)
        let archive = try TarArchive(file)
        if let fault = archive.fault { throw BundleError(.damaged, "the bundle cannot be unpacked: \(fault)") }
        for entry in archive.entries { try unpack(entry, of: file, into: folder) }
    }

    private func inflate(into file: PositionedFile) throws {
        // Headers and padding come on top of the files.
        var inflation = GzipInflation(limit: 2 * Bundle.maximumSize)
        var end = 0
        do {
            for part in parts {
                let compressed = try PrivateFile.read(part, limit: Bundle.partSize + 1)
                for start in stride(from: 0, to: compressed.count, by: Self.chunkSize) {
                    try inflation.append(Array(compressed[start..<min(start + Self.chunkSize, compressed.count)]))
                    let inflated = inflation.take()
                    try file.write(inflated, at: end)
                    end += inflated.count
                }
            }
            _ = try inflation.finish()
        } catch let error as GzipError {
            throw BundleError(.damaged, "the bundle cannot be unpacked: \(error)")
        }
    }

    private func unpack(_ entry: TarEntry, of file: PositionedFile, into folder: String) throws {
        var names = entry.name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if entry.isFolder, names.last == "" { names.removeLast() }
        guard !names.isEmpty, names.allSatisfy({ !["", ".", ".."].contains($0) && !$0.utf8.contains(0) }) else {
            throw refused(entry, "has a path that leads elsewhere")
        }
        let parent = try makeFolders(names.dropLast(), in: folder, for: entry)
        let (path, name) = ("\(parent)/\(names[names.count - 1])", names.joined(separator: "/"))
        switch FileKind(of: path) {
        case .missing: break
        case .folder where entry.isFolder: return
        default: throw refused(entry, "comes twice")
        }
        if entry.isFolder {
            try PrivateFile.createFolder(path)
        } else if let target = entry.linkTarget {
            if let objection = BundleLink.objection(to: target, at: name) { throw refused(entry, objection) }
            guard symlink(target, path) == 0 else { throw FileError(path: path, action: "link", number: errno) }
        } else if entry.isFile {
            try copy(entry, of: file, to: path)
        } else {
            throw refused(entry, "is neither file, folder nor symbolic link")
        }
    }

    /// Folders on the way are real ones, so that no link leads what is written elsewhere.
    private func makeFolders(_ names: ArraySlice<String>, in folder: String, for entry: TarEntry) throws -> String {
        var path = folder
        for name in names {
            path += "/\(name)"
            switch FileKind(of: path) {
            case .folder: break
            case .missing: try PrivateFile.createFolder(path)
            default: throw refused(entry, "lies below something that is no folder")
            }
        }
        return path
    }

    private func copy(_ entry: TarEntry, of file: PositionedFile, to path: String) throws {
        do {
            let output = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: entry.isExecutable ? [.ownerReadWriteExecute] : [.ownerReadWrite])
            try output.closeAfter {
                var position = 0
                while position < entry.size {
                    let count = min(Self.chunkSize, entry.size - position)
                    _ = try output.writeAll(try file.read(count, at: entry.contentStart + position))
                    position += count
                }
            }
        } catch let error as Errno {
            throw FileError(path: path, action: "write", number: error.rawValue)
        }
    }

    private func refused(_ entry: TarEntry, _ why: String) -> BundleError {
        BundleError(.damaged, "the bundle is refused: '\(entry.name.prefix(200))' \(why)")
    }
}
