// StateStorage
