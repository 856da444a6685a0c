# 열린 페이지를 최신으로 지키는 연결의 상태
live-on = 실시간
live-paused = 멈춤
live-paused-said = 연결이 끊겼어요. 마지막으로 받은 내용을 보여 드리고, 자동으로 다시 연결해요.
live-back-said = 다시 연결됐어요. 바뀌는 내용을 계속 보여 드려요.
