internal import CLibrary
internal import LocalFiles
internal import SystemPackage

enum FileCopy {
    /// Copies content, executable bits and modification time; the copy can always be written by its owner.
    static func copy(_ source: String, to destination: String) throws(FileError) {
        do {
            let input = try FileDescriptor.open(FilePath(source), .readOnly, options: [.closeOnExec])
            try input.closeAfter {
                var information = stat()
                guard fstat(input.rawValue, &information) == 0 else { throw Errno(rawValue: errno) }
                let permissions = FilePermissions(
                    rawValue: CInterop.Mode((information.st_mode & 0o700) | S_IRUSR | S_IWUSR))
                let output = try FileDescriptor.open(
                    FilePath(destination), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                    permissions: permissions)
                try output.closeAfter {
                    try copyContent(from: input, to: output)
                    var times = [information.accessed, information.modified]
                    futimens(output.rawValue, &times)
                }
            }
        } catch {
            throw FileError(path: source, action: "copy", number: (error as? Errno)?.rawValue ?? EIO)
        }
    }

    private static func copyContent(from input: FileDescriptor, to output: FileDescriptor) throws {
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = try chunk.withUnsafeMutableBytes { try input.read(into: $0) }
            if count == 0 { return }
            try output.writeAll(chunk[..<count])
        }
    }
}

extension stat {
    #if canImport(Darwin)
        fileprivate var accessed: timespec { st_atimespec }
        var modified: timespec { st_mtimespec }
    #else
        fileprivate var accessed: timespec { st_atim }
        var modified: timespec { st_mtim }
    #endif
}
