"""What the data of a sandbox's current publication has that production's has not, and the other way round."""
