internal import CLibrary
internal import SystemPackage

/// An open file that is read and written at positions, by any number of tasks at the same time. All calls block: use
/// ``offloading(_:)``.
public final class PositionedFile: Sendable {
    /// What the file was opened as; another name may lead to it by now.
    public let path: String
    private let descriptor: FileDescriptor

    private init(path: String, descriptor: FileDescriptor) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { try? descriptor.close() }

    /// Opens a regular file for reading.
    ///
    /// - Throws: `FileError` with `EISDIR` for a folder, and with `EINVAL` for what is no file either.
    public static func open(reading path: String) throws(FileError) -> PositionedFile {
        let file = try open(path, .readOnly, [.closeOnExec, .nonBlocking])
        try file.expectRegular("read")
        return file
    }

    /// Opens a file for reading and writing by this process alone, until it is closed. Creates it, mode 0600, where it is
    /// missing. A link is not followed.
    ///
    /// - Returns: nil where another process has it open in this way.
    public static func openExclusively(_ path: String) throws(FileError) -> PositionedFile? {
        while true {
            let file = try open(path, .readWrite, [.create, .closeOnExec, .noFollow, .nonBlocking])
            try file.expectRegular("write")
            guard flock(file.descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
                let number = errno
                if number == EWOULDBLOCK { return nil }
                throw FileError(path: path, action: "lock", number: number)
            }
            var (opened, named) = (stat(), stat())
            guard fstat(file.descriptor.rawValue, &opened) == 0 else {
                throw FileError(path: path, action: "write", number: errno)
            }
            guard opened.st_uid == geteuid(), opened.st_mode & 0o077 == 0 else {
                throw FileError(path: path, action: "keep private content in", number: EPERM)
            }
            // Published, by somebody who died before its first name was taken away: it is whole, and nobody's to write to.
            if opened.st_nlink > 1 {
                try file.remove()
                continue
            }
            // Whoever had it before may have given it another name, or removed it, since it was opened here.
            if lstat(path, &named) == 0, named.st_ino == opened.st_ino, named.st_dev == opened.st_dev { return file }
        }
    }

    /// In bytes.
    public func length() throws(FileError) -> Int {
        try wrapping("read") { Int(try descriptor.seek(offset: 0, from: .end)) }
    }

    /// - Returns: `count` bytes from the position on; fewer where the file ends before.
    public func read(_ count: Int, at position: Int) throws(FileError) -> [UInt8] {
        try wrapping("read") {
            try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                while initialized < count {
                    let rest = UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(buffer)[initialized...])
                    let read = try descriptor.read(
                        fromAbsoluteOffset: Int64(position + initialized), into: rest)
                    if read == 0 { return }
                    initialized += read
                }
            }
        }
    }

    /// Writes all of the bytes, from that offset on; the file grows where it has to.
    public func write(_ bytes: [UInt8], at position: Int) throws(FileError) {
        try wrapping("write") { _ = try descriptor.writeAll(toAbsoluteOffset: Int64(position), bytes) }
    }

    /// Copies bytes of the file towards its start. The ranges may overlap.
    public func move(_ range: Range<Int>, to position: Int) throws(FileError) {
        precondition(position <= range.lowerBound)
        var offset = 0
        while offset < range.count, position < range.lowerBound {
            let chunk = try read(min(1 << 20, range.count - offset), at: range.lowerBound + offset)
            guard !chunk.isEmpty else { throw FileError(path: path, action: "read", number: EIO) }
            try write(chunk, at: position + offset)
            offset += chunk.count
        }
    }

    /// Cuts the file to that many bytes, or fills it up with zeros.
    public func truncate(to length: Int) throws(FileError) {
        try wrapping("write") { try descriptor.resize(to: Int64(length)) }
    }

    /// Gives the file another name, under which it is whole also after a crash of the machine.
    ///
    /// - Parameter replacing: whether a file that has the name already loses it.
    /// - Throws: `FileError` with `EEXIST` where there is one that is not to be replaced.
    public func publish(as name: String, replacing: Bool) throws(FileError) {
        guard fsync(descriptor.rawValue) == 0 else { throw FileError(path: path, action: "write", number: errno) }
        try replacing ? rename(to: name) : renameToNew(name)
        try PrivateFile.synchroniseFolder(of: name)
    }

    /// Takes the file's name away.
    public func remove() throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError(path: path, action: "remove", number: errno) }
    }

    private func rename(to name: String) throws(FileError) {
        guard systemRename(path, name) == 0 else { throw FileError(path: name, action: "write", number: errno) }
    }

    /// A link, unlike a rename, is refused where the name is taken.
    private func renameToNew(_ name: String) throws(FileError) {
        if link(path, name) == 0 { return try remove() }
        let number = errno
        // Some file systems have no links.
        guard [EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS].contains(number) else {
            throw FileError(path: name, action: "write", number: number)
        }
        guard access(name, F_OK) != 0 else { throw FileError(path: name, action: "write", number: EEXIST) }
        try rename(to: name)
    }

    private static func open(
        _ path: String, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions
    ) throws(FileError) -> PositionedFile {
        do {
            return PositionedFile(
                path: path,
                descriptor: try FileDescriptor.open(
                    FilePath(path), mode, options: options,
                    permissions: options.contains(.create) ? [.ownerReadWrite] : nil))
        } catch {
            throw FileError(path: path, action: "open", number: (error as? Errno)?.rawValue ?? EIO)
        }
    }

    private func expectRegular(_ action: String) throws(FileError) {
        var information = stat()
        guard fstat(descriptor.rawValue, &information) == 0 else {
            throw FileError(path: path, action: action, number: errno)
        }
        let kind = information.st_mode & S_IFMT
        guard kind == S_IFREG else {
            throw FileError(path: path, action: action, number: kind == S_IFDIR ? EISDIR : EINVAL)
        }
    }

    private func wrapping<T>(_ action: String, _ body: () throws -> T) throws(FileError) -> T {
        do {
            return try body()
        } catch {
            throw FileError(path: path, action: action, number: (error as? Errno)?.rawValue ?? EIO)
        }
    }
}

private func systemRename(_ old: String, _ new: String) -> Int32 { rename(old, new) }
