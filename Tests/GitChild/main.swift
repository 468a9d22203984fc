import GitSource

GitChild.main()
