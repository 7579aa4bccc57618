internal import ArgumentParser
internal import EmbeddedCluster
internal import OrderedJSON

struct ClusterStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell whether a cluster runs from the folder, and where. Exits 69 if none does.")

    @OptionGroup var folderOptions: ClusterFolderOptions

    @Option(name: .shortAndLong, help: "How to print: table, json or yaml.")
    var output = OutputFormat.table

    @OptionGroup(title: "Output") var global: GlobalOptions

    func run() async throws {
        let folder = ClusterFolder(ClusterFolder.path(folderOptions.dir, environment: processEnvironment()))
        let instance = try folder.isRunning() ? ClusterInstance(folder: folder) : nil
        print(try report(folder, instance).rendered(output), terminator: "")
        if instance == nil { throw ExitCode(ExitStatus.unreachable.rawValue) }
    }

    private func report(_ folder: ClusterFolder, _ instance: ClusterInstance?) -> Report {
        var json: JSON = ["running": .bool(instance != nil), "dir": .string(folder.path)]
        json["kubeconfig"] = .string(folder.kubeconfigPath)
        if let instance {
            json["server"] = .string(instance.server)
            json["pid"] = .number(JSONNumber(Int(instance.processIdentifier)))
            json["startedAt"] = .string(instance.startedAt)
        }
        return Report(
            json: json, columns: ["Status", "Server", "PID", "Kubeconfig"],
            rows: [
                [
                    instance == nil ? "Stopped" : "Running", instance?.server ?? "-",
                    instance.map { "\($0.processIdentifier)" } ?? "-", folder.kubeconfigPath,
                ]
            ])
    }
}
