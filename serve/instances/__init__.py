"""What is answered for networks that find things one by one: masks pasted, told and drawn."""
