import CLibrary
import TestScopes
import Testing

@testable import LocalFiles

@Suite struct TarTests {
    private static let longName = String(repeating: "folder/", count: 40) + "file"
    /// Around the limits of blocks and of names.
    private static let files: [(name: String, content: [UInt8])] =
        [0, 1, 511, 512, 513, 100_000].map { ("f\($0)", [UInt8](repeating: 0x61, count: $0)) } + [
            (String(repeating: "n", count: 100), [1]), (String(repeating: "n", count: 101), [2]), (longName, [3]),
            ("ä", [4]),
        ]

    private func archive(comment: String? = nil) -> [UInt8] {
        var bytes = comment.map { TarFormat.beginning(comment: $0) } ?? []
        for (name, content) in Self.files {
            bytes += TarFormat.header(of: name, size: content.count, modified: 1_700_000_000, comment: comment)
            bytes += content + TarFormat.padding(after: content.count)
        }
        return bytes + TarFormat.end
    }

    private func contents(_ archive: TarArchive, _ file: PositionedFile) throws -> [String: [UInt8]] {
        Dictionary(
            uniqueKeysWithValues: try archive.entries.filter(\.isFile).map {
                ($0.name, try file.read($0.size, at: $0.contentStart))
            })
    }

    private func tar(_ folder: String, _ arguments: String...) async throws {
        let tar = try #require(Program.onPath("tar", home: folder, folder: folder))
        let result = try await tar.run(arguments)
        #expect(result.status == 0 && result.errors.isEmpty, "\(arguments): \(result)")
    }

    @Test(arguments: [nil, "words = 1\nand \"more\"", String(repeating: "long", count: 1000)])
    func othersReadWhatWeWrite(comment: String?) async throws {
        try await withTemporaryFolder { folder in
            try PrivateFile.write(archive(comment: comment), to: "\(folder)/x.tar")
            try PrivateFile.createFolder("\(folder)/out")
            try await tar("\(folder)/out", "xf", "../x.tar")
            for (name, content) in Self.files { #expect(try PrivateFile.read("\(folder)/out/\(name)") == content) }
            try await tar(folder, "tvf", "x.tar")
            let file = try PositionedFile.open(reading: "\(folder)/x.tar")
            let archive = try TarArchive(file)
            #expect(archive.fault == nil)
            #expect(archive.comment == comment)
            #expect(archive.entries.allSatisfy { $0.comment == comment })
            #expect(try contents(archive, file) == Dictionary(uniqueKeysWithValues: Self.files.map { ($0.0, $0.1) }))
        }
    }

    @Test(arguments: ["gnu", "pax", "oldgnu"]) func weReadWhatOthersWrite(format: String) async throws {
        try await withTemporaryFolder { folder in
            for (name, content) in Self.files {
                let path = "\(folder)/in/\(name)"
                try PrivateFile.createFolder(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
                try PrivateFile.write(content, to: path)
            }
            let names = Self.files.map(\.name).filter { !$0.contains("/") } + ["folder"]
            let program = try #require(Program.onPath("tar", home: folder, folder: "\(folder)/in"))
            let result = try await program.run(["--format=\(format)", "-cf", "../x.tar"] + names)
            #expect(result.status == 0, "\(result)")
            let file = try PositionedFile.open(reading: "\(folder)/x.tar")
            let archive = try TarArchive(file)
            #expect(archive.fault == nil)
            #expect(archive.entries.count { $0.isFolder } == 40)
            #expect(try contents(archive, file) == Dictionary(uniqueKeysWithValues: Self.files.map { ($0.0, $0.1) }))
        }
    }

    @Test func tellsWhereItIsCutOff() async throws {
        try await withTemporaryFolder { folder in
            let whole = archive(comment: "c")
            let path = "\(folder)/x.tar"
            try PrivateFile.write(whole, to: path)
            let entries = try TarArchive(try PositionedFile.open(reading: path)).entries
            let lengths = stride(from: 0, to: whole.count, by: 256)
            for length in lengths {
                try PrivateFile.write(whole[..<length], to: path)
                let archive = try TarArchive(try PositionedFile.open(reading: path))
                let expected = TarError(code: length < 512 ? .notTar : .truncated, position: length < 512 ? 0 : length)
                #expect(archive.fault == expected)
                #expect(archive.entries == entries.filter { $0.range.upperBound <= length })
                #expect(length < 1024 || archive.end == archive.entries.last?.range.upperBound ?? 1024)
            }
        }
    }

    @Test func aChangedHeaderIsNone() throws {
        let block = TarHeader(name: "name", kind: TarHeader.Kind.file, size: 77, modified: 5).block
        for index in block.indices {
            for bit in 0..<8 {
                var changed = block
                changed[index] ^= 1 << bit
                // In the checksum itself, a leading zero may be a space, and its end a space or a zero byte.
                guard let header = TarHeader(changed) else { continue }
                #expect((148...155).contains(index) && header.name == "name", "byte \(index), bit \(bit)")
            }
        }
    }

    @Test func readsLargeNumbers() throws {
        func header(size field: [UInt8]) -> TarHeader? {
            var block = TarHeader(name: "n", kind: TarHeader.Kind.file, size: 0, modified: 0).block
            block.replaceSubrange(124..<136, with: field)
            block.replaceSubrange(148..<156, with: [UInt8](repeating: 32, count: 8))
            let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
            block.replaceSubrange(148..<(148 + sum.utf8.count), with: sum.utf8)
            return TarHeader(block)
        }
        #expect(header(size: [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0])?.size == 1 << 33)
        #expect(header(size: [0x80] + [UInt8](repeating: 0xFF, count: 11)) == nil)
        #expect(header(size: [UInt8](repeating: 0xFF, count: 12)) == nil)
        #expect(header(size: Array("        17 \u{0}".utf8))?.size == 15)
        #expect(header(size: Array("00000000018\u{0}".utf8)) == nil)
        let large = TarFormat.header(of: "n", size: 1 << 34, modified: 0)
        #expect(PaxRecords(Array(large[512..<(512 + 20)]))?[PaxRecords.size] == "17179869184")
    }

    @Test(arguments: [97, 98, 99, 100, 990, 996, 997, 1000]) func countsTheDigitsOfALength(count: Int) {
        let records = PaxRecords(values: [("k", String(repeating: "v", count: count)), ("comment", "a=b\nc")])
        #expect(PaxRecords(records.bytes) == records)
    }

    @Test(arguments: ["5 a=b", "x a=b\n", "6 a=b\n7 b=c\n", "99 a=b\n", "6  a=b", "0 a=b\n", "4 ab\n", "-1 a=b\n", "6"])
    func whatAreNoRecords(text: String) { #expect(PaxRecords(Array(text.utf8)) == nil) }

    @Test func saysWhatFollowsTheEnd() async throws {
        try await withTemporaryFolder { folder in
            for (tail, code) in [([], nil), ([UInt8](repeating: 0, count: 9000), nil), ([0, 1], .trailingBytes)]
                as [([UInt8], TarError.Code?)]
            {
                try PrivateFile.write(archive() + tail, to: "\(folder)/x.tar")
                #expect(try TarArchive(try PositionedFile.open(reading: "\(folder)/x.tar")).fault?.code == code)
            }
            try PrivateFile.write("not an archive, but long enough to be one ".repeated(20), to: "\(folder)/text")
            #expect(try TarArchive(try PositionedFile.open(reading: "\(folder)/text")).fault?.code == .notTar)
        }
    }
}

@Suite struct PositionedFileTests {
    @Test func oneProcessWritesAtATime() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/f"
            let file = try #require(try PositionedFile.openExclusively(path))
            #expect(try PositionedFile.openExclusively(path) == nil)
            try file.write([1, 2, 3], at: 0)
            try file.publish(as: "\(folder)/g", replacing: false)
            // The name is free again, although the file is still open.
            #expect(try PositionedFile.openExclusively(path)?.length() == 0)
            #expect(try PrivateFile.read("\(folder)/g") == [1, 2, 3])
        }
    }

    /// As if the process had died between the two steps of publishing.
    @Test func whatWasPublishedIsNotWrittenTo() async throws {
        try await withTemporaryFolder { folder in
            try PrivateFile.write("whole", to: "\(folder)/g")
            #expect(link("\(folder)/g", "\(folder)/f") == 0)
            let file = try #require(try PositionedFile.openExclusively("\(folder)/f"))
            try file.write([1], at: 0)
            #expect(try text(of: "\(folder)/g") == "whole")
        }
    }

    @Test func replacesOnlyWhenTold() async throws {
        try await withTemporaryFolder { folder in
            try PrivateFile.write("old", to: "\(folder)/g")
            let file = try #require(try PositionedFile.openExclusively("\(folder)/f"))
            let error = #expect(throws: FileError.self) { try file.publish(as: "\(folder)/g", replacing: false) }
            #expect(error?.number == 17)
            #expect(try text(of: "\(folder)/g") == "old")
            try file.publish(as: "\(folder)/g", replacing: true)
            #expect(try text(of: "\(folder)/g") == "")
        }
    }

    @Test func takesRegularFilesOnly() async throws {
        try await withTemporaryFolder { folder in
            #expect(throws: FileError.self) { try PositionedFile.open(reading: folder) }
            #expect(throws: FileError.self) { try PositionedFile.open(reading: "/dev/null") }
            #expect(throws: FileError.self) { try PositionedFile.openExclusively(folder) }
            #expect(throws: FileError.self) { try PositionedFile.openExclusively("/dev/null") }
        }
    }

    @Test(arguments: [0, 1, 99]) func movesWhatOverlaps(distance: Int) async throws {
        try await withTemporaryFolder { folder in
            let file = try #require(try PositionedFile.openExclusively("\(folder)/f"))
            let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 / 3) }
            try file.write(content, at: distance)
            try file.move(distance..<(distance + content.count), to: 0)
            #expect(try file.read(content.count, at: 0) == content)
        }
    }
}

extension String {
    fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
