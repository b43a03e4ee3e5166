"""burden"""
