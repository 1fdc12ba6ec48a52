"""How do clips leave the program?"""
