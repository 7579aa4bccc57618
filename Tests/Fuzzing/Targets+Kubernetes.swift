import CLibrary
import LocalFiles
import OrderedJSON
import PositionedYAML
import StateStorage
import TerraformState

@testable import EmbeddedCluster
@testable import KubernetesAPI
@testable import Runner
@testable import StateGateway

extension Targets {
    /// Where files are put that a target reads.
    private static let folder = getenv("FUZZ_FOLDER").map { String(cString: $0) } ?? "."

    static func kubernetes(_ bytes: [UInt8]) {
        var parser = JSONParser(bytes, lifting: ["data", "tfstate"])
        if let lifted = try? parser.parse(), let range = parser.liftedRange {
            expect(range.lowerBound >= 0 && range.upperBound <= bytes.count, "what was lifted is in the text")
            expect(lifted["data"]?["tfstate"] == "", "what was lifted is not there")
        }
        guard let json = try? JSON(parsing: bytes) else { return }
        if let status = Status(json: json) { expect(Status(json: status.json) != nil, "a Status is written as one") }
        _ = Lease(object: json).holderIdentity
        _ = (json.objectName, json.objectLabels, json.objectAnnotations, json.resourceVersion)
        _ = json["data"]?["tfstate"]?.string.flatMap { try? Base64.decode($0) }
    }

    static func kubeconfig(_ bytes: [UInt8]) {
        let path = "\(folder)/kubeconfig"
        put(bytes, in: path)
        guard let kubeconfig = try? Kubeconfig.load(paths: [path]) else { return }
        _ = try? kubeconfig.connection(context: nil, environment: [:])
    }

    private static func put(_ bytes: [UInt8], in path: String) {
        do {
            try PrivateFile.write(bytes, to: path)
        } catch {
            expect(false, "\(error)")
        }
    }

    static func runner(_ bytes: [UInt8]) {
        _ = try? RunnerConfiguration(parsing: bytes, file: "runner-config.yaml")
    }

    static func yaml(_ bytes: [UInt8]) {
        let document = YAMLDocument(bytes)
        expect(document.root != nil || document.problems.count < 100, "problems are told a few at a time")
        guard let json = try? YAMLReader.json(bytes), let written = try? YAMLWriter.document(json) else { return }
        expect((try? YAMLReader.json(written)) == json, "YAML is read as it was written")
    }

    static func selector(_ bytes: [UInt8]) {
        let text = text(bytes)
        if let selector = try? LabelSelector(parsing: text) { _ = selector.matches(["a": "b", "app": "1"]) }
        _ = try? FieldSelector(parsing: text, known: ["metadata.name", "metadata.namespace"])
    }

    static func protobuf(_ bytes: [UInt8]) {
        guard let document = try? ProtobufDocument(parsing: bytes) else { return }
        let kinds = ["Secret", "ConfigMap", "Lease", "Job", "Pod", "Role", "DeleteOptions", "Event"]
        guard let kind = kinds.first(where: { $0 == document.kind }) else { return }
        let type = Schema.type(kind)
        guard let object = try? ProtobufDecoder.object(document.message[...], type) else { return }
        let written = ProtobufEncoder.message(object, type)
        expect((try? ProtobufDecoder.object(written[...], type)) != nil, "what was written can be read")
    }

    static func gateway(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 4, omittingEmptySubsequences: false)
        guard lines.count == 5 else { return }
        let request = try? GatewayRequest(
            method: text(lines[0]), path: text(lines[1]), lockID: text(lines[2]), contentMD5: text(lines[3]),
            body: Array(lines[4]))
        guard let request else { return }
        expect((try? EnvironmentID("\(request.environment)")) == request.environment, "the environment is one")
        expect(request.lockID != "", "no lock is not an empty one")
        if request.operation == .lock { lock(request.body) }
        if request.operation == .write { state(request.body) }
        if let credential = GatewayCredential(parsing: text(lines[2])) {
            expect(GatewayCredential(parsing: credential.text) == credential, "a credential is read as it was written")
        }
    }

    static func tar(_ bytes: [UInt8]) {
        let (plain, part, target) = ("\(folder)/tar", "\(folder)/part", "\(folder)/unpacked")
        put(bytes, in: plain)
        guard let file = try? PositionedFile.open(reading: plain), let archive = try? TarArchive(file) else { return }
        for entry in archive.entries {
            expect(
                0...bytes.count ~= entry.range.lowerBound && entry.range.upperBound <= bytes.count, "it is in the file")
        }
        guard archive.fault == nil, !archive.entries.isEmpty else { return }
        put(Gzip.compress(bytes, level: 1), in: part)
        try? BundleArchive(parts: [part]).unpack(into: target)
        let names = Set((try? FolderTree.entries(of: folder)) ?? [])
        expect(names.isSubset(of: ["tar", "part", "unpacked"]), "nothing is unpacked elsewhere: \(names)")
        try? FolderTree.remove(target)
    }
}
