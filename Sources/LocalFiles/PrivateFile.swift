internal import CLibrary
internal import SystemPackage

/// Files and folders that only their owner may read: 0600 and 0700.
public enum PrivateFile {
    /// Writes the file whole, or not at all: a reader sees the old content or the new, also after a crash.
    ///
    /// - Parameter isLasting: false for what is of no use after a crash of the machine, and need not wait for its disk.
    public static func write(
        _ bytes: some Sequence<UInt8>, to path: String, isLasting: Bool = true
    ) throws(FileError) {
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max))"
        do throws(FileError) {
            try create(temporary, bytes, isLasting: isLasting)
            guard rename(temporary, path) == 0 else { throw FileError(path: path, action: "write", number: errno) }
            if isLasting { try synchroniseFolder(of: path) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// As ``write(_:to:isLasting:)-(Sequence<UInt8>,_,_)``, in UTF-8.
    public static func write(_ text: String, to path: String, isLasting: Bool = true) throws(FileError) {
        try write(text.utf8, to: path, isLasting: isLasting)
    }

    /// The whole content.
    ///
    /// - Parameter limit: in bytes; of a longer file only so many are read.
    public static func read(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
        try wrapping(path, "read") {
            let descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
            return try descriptor.closeAfter {
                var content: [UInt8] = []
                var information = stat()
                if fstat(descriptor.rawValue, &information) == 0 { content.reserveCapacity(Int(information.st_size)) }
                var chunk = [UInt8](repeating: 0, count: 65536)
                while true {
                    let count = try chunk.withUnsafeMutableBytes { try descriptor.read(into: $0) }
                    content.append(contentsOf: chunk[..<min(count, limit - content.count)])
                    if count == 0 || content.count == limit { return content }
                }
            }
        }
    }

    /// A piece of the content.
    ///
    /// - Parameter offset: in bytes.
    /// - Returns: fewer than `count` bytes at the end of the file only.
    public static func read(_ path: String, from offset: Int, atMost count: Int) throws(FileError) -> [UInt8] {
        try wrapping(path, "read") {
            let descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
            return try descriptor.closeAfter {
                var failure: (any Error)?
                let content = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                    do {
                        while filled < count {
                            let rest = UnsafeMutableRawBufferPointer(
                                rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                            let read = try descriptor.read(fromAbsoluteOffset: Int64(offset + filled), into: rest)
                            if read == 0 { return }
                            filled += read
                        }
                    } catch { failure = error }
                }
                if let failure { throw failure }
                return content
            }
        }
    }

    /// Whether it is a file that can be read more than once, not a pipe, a device or a folder.
    public static func isRegularFile(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
    }

    /// Makes the folder and those above it that are missing, each 0700; one that exists is left as it is.
    ///
    /// - Throws: `FileError` with `EPERM` when the folder exists and it is another user's, or others may write to it.
    public static func createFolder(_ path: String) throws(FileError) {
        if mkdir(path, 0o700) == 0 { return }
        let number = errno
        switch number {
        case EEXIST where isFolder(path):
            guard isOwn(path) else { throw FileError(path: path, action: "keep private files in", number: EPERM) }
            return
        case ENOENT:
            let parent = FilePath(path).removingLastComponent().string
            guard !parent.isEmpty, parent != path else { break }
            try createFolder(parent)
            if mkdir(path, 0o700) == 0 || (errno == EEXIST && isFolder(path) && isOwn(path)) { return }
        default:
            break
        }
        throw FileError(path: path, action: "create folder", number: number)
    }

    private static func isOwn(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_uid == geteuid() && information.st_mode & 0o022 == 0
    }

    /// Whether there is a folder, or a link to one.
    public static func isFolder(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// The new name of a file is on disk only when its folder is.
    static func synchroniseFolder(of path: String) throws(FileError) {
        let folder = FilePath(path).removingLastComponent()
        try wrapping(path, "write") {
            let descriptor = try FileDescriptor.open(
                folder.isEmpty ? "." : folder, .readOnly, options: [.directory, .closeOnExec])
            try descriptor.closeAfter {
                guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        }
    }

    /// Writes a file that must not exist, 0600, and returns when it is on disk under its name.
    ///
    /// - Throws: `FileError`; with `EEXIST` where there is one, which is left as it is.
    public static func writeNew(_ bytes: some Sequence<UInt8>, to path: String) throws(FileError) {
        do {
            try create(path, bytes, isLasting: true)
        } catch {
            // What was written of it is of no use.
            if !error.exists { unlink(path) }
            throw error
        }
        try synchroniseFolder(of: path)
    }

    private static func create(
        _ path: String, _ bytes: some Sequence<UInt8>, isLasting: Bool
    ) throws(FileError) {
        try wrapping(path, "write") {
            let descriptor = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: [.ownerReadWrite])
            try descriptor.closeAfter {
                _ = try descriptor.writeAll(bytes)
                guard isLasting else { return }
                guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        }
    }

    private static func wrapping<T>(_ path: String, _ action: String, _ body: () throws -> T) throws(FileError) -> T {
        do {
            return try body()
        } catch {
            throw FileError(path: path, action: action, number: (error as? Errno)?.rawValue ?? EIO)
        }
    }
}
