package main

func attention() {}
