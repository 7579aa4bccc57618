internal import LocalFiles
internal import OrderedJSON
internal import StateStorage

/// What a run writes down about its engine, for whoever finds the working folder if the run is killed.
struct EngineNote: Equatable {
    let processIdentifier: Int32
    let environment: String
    let erroredStatePath: String
    /// Where the environment's state is kept; nil where an older version did not write it down.
    let place: StatePlace?

    /// Whether a process of that number is at work. A number used again delays the removal of a folder, nothing more.
    var isAlive: Bool { isAtWork(processIdentifier) }

    func write(in folder: String) throws {
        var json: JSON = [
            "processIdentifier": .number(JSONNumber(Int(processIdentifier))),
            "environment": .string(environment),
            "erroredStatePath": .string(erroredStatePath),
        ]
        if let place {
            json["namespace"] = .string(place.namespace)
            json["server"] = .string(place.server)
        }
        try PrivateFile.write(json.bytes, to: "\(folder)/engine.json")
    }

    static func read(in folder: String) -> EngineNote? {
        guard let bytes = try? PrivateFile.read("\(folder)/engine.json"),
            let json = try? JSON(parsing: bytes),
            let number = json["processIdentifier"]?.int.flatMap({ Int32(exactly: $0) }),
            let environment = json["environment"]?.string,
            let path = json["erroredStatePath"]?.string
        else { return nil }
        var place: StatePlace?
        if let namespace = json["namespace"]?.string, let server = json["server"]?.string {
            place = StatePlace(namespace: namespace, server: server)
        }
        return EngineNote(
            processIdentifier: number, environment: environment, erroredStatePath: path, place: place)
    }
}
