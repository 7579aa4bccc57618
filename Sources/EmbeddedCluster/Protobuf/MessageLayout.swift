/// The fields of a type in the order of their protobuf numbers.
struct MessageLayout: Sendable {
    indirect enum Slot: Sendable {
        case field(Field)
        /// A message whose fields JSON has among those of the message around it.
        case embedded(MessageLayout)
    }

    let slots: [(number: Int, slot: Slot)]
    private let positions: [Int: Int]

    init(_ fields: [Field]) { self.init(fields.map { ($0.path[...], $0) }) }

    private init(_ fields: [(path: ArraySlice<Int>, field: Field)]) {
        var slots: [(number: Int, slot: Slot)] = []
        for (number, members) in Dictionary(grouping: fields, by: { $0.path.first ?? 0 }) {
            if let only = members.first, only.path.count == 1 {
                slots.append((number, .field(only.field)))
            } else {
                slots.append((number, .embedded(MessageLayout(members.map { ($0.path.dropFirst(), $0.field) }))))
            }
        }
        slots.sort { $0.number < $1.number }
        self.slots = slots
        positions = Dictionary(uniqueKeysWithValues: slots.enumerated().map { ($1.number, $0) })
    }

    subscript(number: Int) -> Slot? { positions[number].map { slots[$0].slot } }
}
