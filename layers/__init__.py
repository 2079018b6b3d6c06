"""What is on the map: one declaration per layer. Nothing here touches a database, a file or the network."""
