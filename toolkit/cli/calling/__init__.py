"""`hightonic call`: what is typed becomes an input, and a place to call it in is opened."""
