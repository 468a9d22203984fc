print("zentra-sync")
